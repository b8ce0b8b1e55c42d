/* SPDX-License-Identifier: MIT */
/* The parameters of cleanup; see params.def. Filled once, before open(). */
#ifndef CLEANUP_PARAMS_H
#define CLEANUP_PARAMS_H

#include "lib/param/param_define.h"

struct cleanup_params {
#define PARAM PARAM_FIELD
#include "cleanup/params.def"
#undef PARAM
};

extern struct cleanup_params cleanup_params;
extern const struct param_set cleanup_param_set;

#endif
