/* SPDX-License-Identifier: MIT */
#include "cleanup/params.h"

#define PARAM_STRUCT struct cleanup_params
#define PARAM        PARAM_SPEC
static const struct param_spec specs[] = {
#include "cleanup/params.def"
};

struct cleanup_params cleanup_params;
const struct param_set cleanup_param_set = PARAM_SET("cleanup", specs);
