/* SPDX-License-Identifier: MIT */
/* Lists the messages of a segment that are not done, and takes over segments
 * whose writer has ended. Private to lib/queue. */
#ifndef QUEUE_SEGMENT_SCAN_H
#define QUEUE_SEGMENT_SCAN_H

#include "lib/queue/locator.h"
#include "lib/queue/store.h"

/* *locators is the caller's to free, NULL when there is none. A segment that is
 * gone, avoided, or of a format we do not know, has none. What is damaged in a
 * segment without a writer goes to corrupt/. */
bool segment_scan_read(struct store *store, uint32_t segment,
    struct locator **locators, size_t *count, struct error *error) MUST_USE;

#endif
