/* SPDX-License-Identifier: MIT */
/* The parameters of bounce; see params.def. */
#ifndef BOUNCE_PARAMS_H
#define BOUNCE_PARAMS_H

#include "lib/param/param_define.h"

struct bounce_params {
#define PARAM PARAM_FIELD
#include "qmgr/bounce/params.def"
#undef PARAM
};

extern const struct param_set bounce_param_set;
/* Filled before the first notice is written. */
extern struct bounce_params bounce_params;

#endif
