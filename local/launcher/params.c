/* SPDX-License-Identifier: MIT */
#include "local/launcher/params.h"

#define PARAM_STRUCT struct launcher_params
#define PARAM        PARAM_SPEC
static const struct param_spec specs[] = {
#include "local/launcher/params.def"
};

const struct param_set launcher_param_set = PARAM_SET("launcher", specs);

struct launcher_params launcher_params;
