/* SPDX-License-Identifier: MIT */
#include "qmgr/bounce/params.h"

struct bounce_params bounce_params;

#define PARAM_STRUCT struct bounce_params
#define PARAM        PARAM_SPEC
static const struct param_spec specs[] = {
#include "qmgr/bounce/params.def"
};

const struct param_set bounce_param_set = PARAM_SET("bounce", specs);
