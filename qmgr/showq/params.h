/* SPDX-License-Identifier: MIT */
/* The parameters of showq; see params.def. */
#ifndef SHOWQ_PARAMS_H
#define SHOWQ_PARAMS_H

#include "lib/param/param_define.h"

struct showq_params {
#define PARAM PARAM_FIELD
#include "qmgr/showq/params.def"
#undef PARAM
};

extern const struct param_set showq_param_set;
/* Filled before the first client. */
extern struct showq_params showq_params;

#endif
