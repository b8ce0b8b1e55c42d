/* SPDX-License-Identifier: MIT */
#include "lib/param/common.h"

#define PARAM_STRUCT struct common_params
#define PARAM        PARAM_SPEC
static const struct param_spec specs[] = {
#include "lib/param/common.def"
};

const struct param_set common_param_set = PARAM_SET("common", specs);
