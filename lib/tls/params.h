/* SPDX-License-Identifier: MIT */
/* The parameters of lib/tls; see params.def. */
#ifndef TLS_PARAMS_H
#define TLS_PARAMS_H

#include "lib/param/param_define.h"

struct tls_params {
#define PARAM PARAM_FIELD
#include "lib/tls/params.def"
#undef PARAM
};

extern const struct param_set tls_param_set;

#endif
