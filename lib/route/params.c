/* SPDX-License-Identifier: MIT */
#include "lib/route/params.h"

#define PARAM_STRUCT struct route_params
#define PARAM        PARAM_SPEC
static const struct param_spec specs[] = {
#include "lib/route/params.def"
};

const struct param_set route_param_set = PARAM_SET("route", specs);
