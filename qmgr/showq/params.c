/* SPDX-License-Identifier: MIT */
#include "qmgr/showq/params.h"

struct showq_params showq_params;

#define PARAM_STRUCT struct showq_params
#define PARAM        PARAM_SPEC
static const struct param_spec specs[] = {
#include "qmgr/showq/params.def"
};

const struct param_set showq_param_set = PARAM_SET("showq", specs);
