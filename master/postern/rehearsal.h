/* SPDX-License-Identifier: MIT */
/* Prints what a reload would change: the texts in force beside the files. */
#ifndef MASTER_POSTERN_REHEARSAL_H
#define MASTER_POSTERN_REHEARSAL_H

#include "lib/daemon/instance.h"

/* The instance has read the files; `main_cf` and `master_cf` are in force.
 * Fails when one of the four cannot be understood. */
bool rehearsal_print(const struct instance *instance, struct span main_cf,
    struct span master_cf, struct error *error) MUST_USE;

#endif
