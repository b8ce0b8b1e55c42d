/* SPDX-License-Identifier: MIT */
/* The limits that a child of launcher puts on itself. */
#ifndef LOCAL_CHILD_CONFINE_H
#define LOCAL_CHILD_CONFINE_H

#include "lib/base/error.h"

/* From now on the process reads and writes files below `base` and no others,
 * and has its descriptors; nothing else. A directory that is not there yet is
 * not reached later either. */
bool confine_to(const char *base, struct error *error) MUST_USE;

#endif
