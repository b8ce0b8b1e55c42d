/* SPDX-License-Identifier: MIT */
/* The parameters of virtual; see params.def. */
#ifndef LOCAL_VIRTUAL_PARAMS_H
#define LOCAL_VIRTUAL_PARAMS_H

#include "lib/param/param_define.h"

struct virtual_params {
#define PARAM PARAM_FIELD
#include "local/virtual/params.def"
#undef PARAM
};

extern const struct param_set virtual_param_set;

/* Filled before the daemon opens, read ever after. */
extern struct virtual_params virtual_params;

#endif
