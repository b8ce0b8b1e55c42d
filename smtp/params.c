/* SPDX-License-Identifier: MIT */
#include "smtp/params.h"

#define PARAM_STRUCT struct client_params
#define PARAM        PARAM_SPEC
#define PAIR(type, field, smtp_name, lmtp_name, smtp_default, lmtp_default,  \
    minimum, maximum, doc)                                                   \
	{#smtp_name, PARAM_TYPE_##type, smtp_default, minimum, maximum, doc, \
	    offsetof(struct client_params, field)},
static const struct param_spec smtp_specs[] = {
#include "smtp/params.def"
};
#undef PAIR

#define PAIR(type, field, smtp_name, lmtp_name, smtp_default, lmtp_default,  \
    minimum, maximum, doc)                                                   \
	{#lmtp_name, PARAM_TYPE_##type, lmtp_default, minimum, maximum, doc, \
	    offsetof(struct client_params, field)},
static const struct param_spec lmtp_specs[] = {
#include "smtp/params.def"
};
#undef PAIR

const struct param_set smtp_param_set = PARAM_SET("smtp", smtp_specs);
const struct param_set lmtp_param_set = PARAM_SET("lmtp", lmtp_specs);
