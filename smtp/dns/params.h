/* SPDX-License-Identifier: MIT */
/* The parameters of dns; see params.def. */
#ifndef SMTP_DNS_PARAMS_H
#define SMTP_DNS_PARAMS_H

#include "lib/param/param_define.h"

struct dns_params {
#define PARAM PARAM_FIELD
#include "smtp/dns/params.def"
#undef PARAM
};

extern const struct param_set dns_param_set;

#endif
