/* SPDX-License-Identifier: MIT */
/* The parameters of smtpd; see params.def. */
#ifndef SMTPD_PARAMS_H
#define SMTPD_PARAMS_H

#include "lib/param/param_define.h"

struct smtpd_params {
#define PARAM PARAM_FIELD
#include "smtpd/params.def"
#undef PARAM
};

extern const struct param_set smtpd_param_set;

/* Order of the words of smtpd_forbid_bare_newline. */
enum bare_newline {
	BARE_NEWLINE_NO,
	BARE_NEWLINE_YES,
	BARE_NEWLINE_NORMALIZE,
	BARE_NEWLINE_REJECT,
	BARE_NEWLINE_NOTE
};

#endif
