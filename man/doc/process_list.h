/* SPDX-License-Identifier: MIT */
/* The process table of master as items of an mdoc(7) list. */
#ifndef DOC_PROCESS_LIST_H
#define DOC_PROCESS_LIST_H

#include "lib/base/buf.h"

/* Appends one item for each program: user, what it may ask for, how many. */
void process_list_append(struct buf *out);

#endif
