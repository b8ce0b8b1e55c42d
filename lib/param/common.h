/* SPDX-License-Identifier: MIT */
/* The parameters that several programs need; see common.def. */
#ifndef PARAM_COMMON_H
#define PARAM_COMMON_H

#include "lib/param/param_define.h"

struct common_params {
#define PARAM PARAM_FIELD
#include "lib/param/common.def"
#undef PARAM
};

extern const struct param_set common_param_set;

#endif
