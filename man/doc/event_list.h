/* SPDX-License-Identifier: MIT */
/* The log lines of lib/log/events.def as items of an mdoc(7) list. */
#ifndef DOC_EVENT_LIST_H
#define DOC_EVENT_LIST_H

#include "lib/base/buf.h"

/* Appends one item for each event: name, level, meaning, template. */
void event_list_append(struct buf *out);

#endif
