/* SPDX-License-Identifier: MIT */
#include "local/virtual/params.h"

#define PARAM_STRUCT struct virtual_params
#define PARAM        PARAM_SPEC
static const struct param_spec specs[] = {
#include "local/virtual/params.def"
};

const struct param_set virtual_param_set = PARAM_SET("virtual", specs);

struct virtual_params virtual_params;
