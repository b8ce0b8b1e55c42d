/* SPDX-License-Identifier: MIT */
#include "smtpd/params.h"

#define PARAM_STRUCT struct smtpd_params
#define PARAM        PARAM_SPEC
static const struct param_spec specs[] = {
#include "smtpd/params.def"
};

const struct param_set smtpd_param_set = PARAM_SET("smtpd", specs);
