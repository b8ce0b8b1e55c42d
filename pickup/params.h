/* SPDX-License-Identifier: MIT */
/* The parameters of pickup; see params.def. Filled once, before open(). */
#ifndef PICKUP_PARAMS_H
#define PICKUP_PARAMS_H

#include "lib/param/param_define.h"

struct pickup_params {
#define PARAM PARAM_FIELD
#include "pickup/params.def"
#undef PARAM
};

extern struct pickup_params pickup_params;
extern const struct param_set pickup_param_set;

#endif
