/* SPDX-License-Identifier: MIT */
#include "qmgr/due.h"

#include "lib/base/hash.h"
#include "lib/base/memory.h"

/* The process has one table of times. */
static struct hash *times;

size_t
due_count(void)
{
	return times == NULL ? 0 : hash_count(times);
}

void
due_sweep(const struct backoff_limits *limits, int64_t now)
{
	struct hash_cursor cursor = {0};
	struct span id;
	int64_t *next;

	while (times != NULL && (next = hash_next(times, &cursor, &id)) != NULL)
		if (backoff_is_due(limits, *next, now)) {
			(void)hash_remove(times, id);
			free(next);
		}
}

void
due_note(const struct queue_id *id, int64_t next, int64_t now)
{
	int64_t *copy;

	if (times == NULL)
		times = hash_create();
	if (next <= now || hash_count(times) >= DUE_MAXIMUM)
		return;
	copy = memory_alloc(sizeof *copy);
	*copy = next;
	free(hash_put(times, span_text(id->text), copy));
}

bool
due_is_later(
    const struct backoff_limits *limits, const struct queue_id *id, int64_t now)
{
	const int64_t *next =
	    times == NULL ? NULL : hash_get(times, span_text(id->text));

	return next != NULL && !backoff_is_due(limits, *next, now);
}
