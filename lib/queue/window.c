/* SPDX-License-Identifier: MIT */
#include "lib/queue/window.h"

#include "lib/base/crc32c.h"
#include "lib/base/memory.h"

void
window_init(struct window *window, const struct source *source,
    struct extent extent, uint32_t check)
{
	size_t size =
	    extent.length < WINDOW_SIZE ? (size_t)extent.length : WINDOW_SIZE;

	*window = (struct window){.source = *source,
	    .ahead = extent,
	    .check = check,
	    .memory = memory_alloc(size),
	    .size = size};
	window->rest = span_of(window->memory, 0);
}

void
window_finish(struct window *window)
{
	free(window->memory);
	window->memory = NULL;
}

bool
window_fill(struct window *window, struct error *error)
{
	size_t kept = window->rest.len;
	size_t count = window->size - kept;
	char *at = window->memory + kept;

	if (count > window->ahead.length)
		count = (size_t)window->ahead.length;
	memmove(window->memory, window->rest.at, kept);
	window->rest = span_of(window->memory, kept + count);
	if (!source_read(
		&window->source, at, count, window->ahead.offset, error)) {
		if (error != NULL && error->kind == ERROR_CLOSED)
			error->kind = ERROR_INVALID;
		return false;
	}
	window->check = crc32c(window->check, span_of(at, count));
	window->ahead.offset += count;
	window->ahead.length -= count;
	return true;
}

bool
window_read_all(struct window *window, struct error *error)
{
	while (!window_is_last(window)) {
		window->rest = span_of(window->memory, 0);
		if (!window_fill(window, error))
			return false;
	}
	return true;
}
