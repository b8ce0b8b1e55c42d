/* SPDX-License-Identifier: MIT */
#include "pickup/params.h"

#define PARAM_STRUCT struct pickup_params
#define PARAM        PARAM_SPEC
static const struct param_spec specs[] = {
#include "pickup/params.def"
};

struct pickup_params pickup_params;
const struct param_set pickup_param_set = PARAM_SET("pickup", specs);
