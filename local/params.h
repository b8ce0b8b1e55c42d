/* SPDX-License-Identifier: MIT */
/* The parameters of local; see params.def. */
#ifndef LOCAL_PARAMS_H
#define LOCAL_PARAMS_H

#include "lib/param/param_define.h"

struct local_params {
#define PARAM PARAM_FIELD
#include "local/params.def"
#undef PARAM
};

extern const struct param_set local_param_set;

/* Filled before the daemon opens, read ever after. */
extern struct local_params local_params;

#endif
