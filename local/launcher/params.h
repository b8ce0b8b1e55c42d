/* SPDX-License-Identifier: MIT */
/* The parameters of launcher; see params.def. */
#ifndef LOCAL_LAUNCHER_PARAMS_H
#define LOCAL_LAUNCHER_PARAMS_H

#include "lib/param/param_define.h"

struct launcher_params {
#define PARAM PARAM_FIELD
#include "local/launcher/params.def"
#undef PARAM
};

extern const struct param_set launcher_param_set;

/* Filled before the daemon opens, read ever after. */
extern struct launcher_params launcher_params;

#endif
