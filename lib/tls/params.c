/* SPDX-License-Identifier: MIT */
#include "lib/tls/params.h"

#define PARAM_STRUCT struct tls_params
#define PARAM        PARAM_SPEC
static const struct param_spec specs[] = {
#include "lib/tls/params.def"
};

const struct param_set tls_param_set = PARAM_SET("tls", specs);
