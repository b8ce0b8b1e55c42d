/* SPDX-License-Identifier: MIT */
/* What this version does with each parameter of Postfix and of its own, as
 * items of an mdoc(7) tag list sorted by name. */
#ifndef DOC_STATUS_LIST_H
#define DOC_STATUS_LIST_H

#include "lib/base/buf.h"

void status_list_append(struct buf *out);

#endif
