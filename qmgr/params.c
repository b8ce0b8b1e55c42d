/* SPDX-License-Identifier: MIT */
#include "qmgr/params.h"

struct qmgr_params params;

#define PARAM_STRUCT struct qmgr_params
#define PARAM        PARAM_SPEC
static const struct param_spec specs[] = {
#include "qmgr/params.def"
};

const struct param_set qmgr_param_set = PARAM_SET("qmgr", specs);
