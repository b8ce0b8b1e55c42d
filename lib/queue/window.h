/* SPDX-License-Identifier: MIT */
/* Reads an extent of a file from front to end in constant memory, for records
 * that may lie across two reads. Private to lib/queue; on the stack of its
 * reader, who calls window_finish. */
#ifndef QUEUE_WINDOW_H
#define QUEUE_WINDOW_H

#include "lib/base/error.h"
#include "lib/queue/format.h"
#include "lib/queue/source.h"

enum {
	WINDOW_SIZE = 65536
};

struct window {
	struct source source;
	struct extent ahead; /* not read yet */
	struct span rest;    /* read and not yet taken: advance it */
	uint32_t check;      /* CRC-32C of all that was read, from its start */
	char *memory;
	size_t size; /* of memory: WINDOW_SIZE, or a shorter extent */
};

/* `check` is the start value of the running check. */
void window_init(struct window *window, const struct source *source,
    struct extent extent, uint32_t check);
void window_finish(struct window *window);

/* Reads as much more behind `rest` as there is room for. False when the file
 * cannot be read: a file shorter than the extent is ERROR_INVALID. */
bool window_fill(struct window *window, struct error *error) MUST_USE;

/* Nothing is left to be read; `rest` may still hold bytes. */
static inline bool
window_is_last(const struct window *window)
{
	return window->ahead.length == 0;
}

/* Reads and forgets the whole extent; for the check alone. */
bool window_read_all(struct window *window, struct error *error) MUST_USE;

#endif
