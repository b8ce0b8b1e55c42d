/* SPDX-License-Identifier: MIT */
#include "smtpd/keyd/params.h"

#define PARAM_STRUCT struct keyd_params
#define PARAM        PARAM_SPEC
static const struct param_spec specs[] = {
#include "smtpd/keyd/params.def"
};

struct keyd_params keyd_params;
const struct param_set keyd_param_set = PARAM_SET("keyd", specs);
