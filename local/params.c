/* SPDX-License-Identifier: MIT */
#include "local/params.h"

#define PARAM_STRUCT struct local_params
#define PARAM        PARAM_SPEC
static const struct param_spec specs[] = {
#include "local/params.def"
};

const struct param_set local_param_set = PARAM_SET("local", specs);

struct local_params local_params;
