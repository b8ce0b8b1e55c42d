/* SPDX-License-Identifier: MIT */
/* Where the bytes of a queue file are read from: a file of its own, or a copy
 * in memory (segments). A value; neither is owned. Private to lib/queue, and to
 * those who have it from dissect.h. */
#ifndef QUEUE_SOURCE_H
#define QUEUE_SOURCE_H

#include "lib/base/error.h"
#include "lib/base/span.h"

struct source {
	int fd;             /* -1: the bytes are in memory */
	struct span memory; /* all of them */
};

bool source_size(
    const struct source *source, uint64_t *size, struct error *error) MUST_USE;
/* Exactly `count` bytes; an early end is ERROR_CLOSED. */
bool source_read(const struct source *source, void *bytes, size_t count,
    uint64_t offset, struct error *error) MUST_USE;

#endif
