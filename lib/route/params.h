/* SPDX-License-Identifier: MIT */
/* The parameters of lib/route; see params.def. */
#ifndef ROUTE_PARAMS_H
#define ROUTE_PARAMS_H

#include "lib/param/param_define.h"

struct route_params {
#define PARAM PARAM_FIELD
#include "lib/route/params.def"
#undef PARAM
};

extern const struct param_set route_param_set;

#endif
