/* SPDX-License-Identifier: MIT */
/* The parameters of qmgr; see params.def. */
#ifndef QMGR_PARAMS_H
#define QMGR_PARAMS_H

#include "lib/param/param_define.h"

struct qmgr_params {
#define PARAM PARAM_FIELD
#include "qmgr/params.def"
#undef PARAM
};

extern const struct param_set qmgr_param_set;
/* Filled before open() is called. */
extern struct qmgr_params params;

#endif
