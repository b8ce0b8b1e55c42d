/* SPDX-License-Identifier: MIT */
/* The parameters of keyd; see params.def. */
#ifndef SMTPD_KEYD_PARAMS_H
#define SMTPD_KEYD_PARAMS_H

#include "lib/param/param_define.h"

struct keyd_params {
#define PARAM PARAM_FIELD
#include "smtpd/keyd/params.def"
#undef PARAM
};

extern struct keyd_params keyd_params;
extern const struct param_set keyd_param_set;

#endif
