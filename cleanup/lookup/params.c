/* SPDX-License-Identifier: MIT */
#include "cleanup/lookup/params.h"

#define PARAM_STRUCT struct lookup_params
#define PARAM        PARAM_SPEC
static const struct param_spec specs[] = {
#include "cleanup/lookup/params.def"
};

const struct param_set lookup_param_set = PARAM_SET("lookup", specs);

struct lookup_params lookup_params;
