/* SPDX-License-Identifier: MIT */
#include "smtp/dns/params.h"

#define PARAM_STRUCT struct dns_params
#define PARAM        PARAM_SPEC
static const struct param_spec specs[] = {
#include "smtp/dns/params.def"
};

const struct param_set dns_param_set = PARAM_SET("dns", specs);
