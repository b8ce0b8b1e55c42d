/* SPDX-License-Identifier: MIT */
/* The parameters of lookup; see params.def. */
#ifndef CLEANUP_LOOKUP_PARAMS_H
#define CLEANUP_LOOKUP_PARAMS_H

#include "lib/param/param_define.h"

struct lookup_params {
#define PARAM PARAM_FIELD
#include "cleanup/lookup/params.def"
#undef PARAM
};

extern const struct param_set lookup_param_set;

/* Filled before the daemon opens, read ever after. */
extern struct lookup_params lookup_params;

#endif
