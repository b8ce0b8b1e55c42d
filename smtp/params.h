/* SPDX-License-Identifier: MIT */
/* The parameters of smtp, which have other names and defaults when it runs as
 * lmtp; see params.def. */
#ifndef SMTP_PARAMS_H
#define SMTP_PARAMS_H

#include "lib/param/param_define.h"

struct client_params {
#define PARAM                  PARAM_FIELD
#define PAIR(type, field, ...) PARAM_FIELD_##type field;
#include "smtp/params.def"
#undef PARAM
#undef PAIR
};

/* Both describe struct client_params. */
extern const struct param_set smtp_param_set;
extern const struct param_set lmtp_param_set;

/* Order of the words of smtp_address_preference. */
enum address_preference {
	PREFER_ANY,
	PREFER_IPV4,
	PREFER_IPV6
};

#endif
