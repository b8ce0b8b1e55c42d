/* SPDX-License-Identifier: MIT */
#include "lib/queue/segment_avoid.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "lib/base/memory.h"
#include "lib/queue/segment.h"

enum {
	NAMES_MAXIMUM = 100,
	NAME_SIZE = SEGMENT_NAME_SIZE + 12
};

void
segment_avoid_init(struct segment_avoid *avoid)
{
	*avoid = (struct segment_avoid){.count = 0};
	must(pthread_mutex_init(&avoid->mutex, NULL) == 0);
}

void
segment_avoid_finish(struct segment_avoid *avoid)
{
	free(avoid->segments);
	pthread_mutex_destroy(&avoid->mutex);
}

/* With the mutex held: where it is, or the end. */
static size_t
find(const struct segment_avoid *avoid, uint32_t segment)
{
	size_t at = 0;

	while (at < avoid->count && avoid->segments[at] != segment)
		at++;
	return at;
}

void
segment_avoid_add(struct segment_avoid *avoid, uint32_t segment)
{
	pthread_mutex_lock(&avoid->mutex);
	if (find(avoid, segment) == avoid->count) {
		avoid->segments = memory_resize(avoid->segments,
		    (avoid->count + 1) * sizeof *avoid->segments);
		avoid->segments[avoid->count++] = segment;
	}
	pthread_mutex_unlock(&avoid->mutex);
}

void
segment_avoid_remove(struct segment_avoid *avoid, uint32_t segment)
{
	size_t at;

	pthread_mutex_lock(&avoid->mutex);
	at = find(avoid, segment);
	if (at < avoid->count)
		avoid->segments[at] = avoid->segments[--avoid->count];
	pthread_mutex_unlock(&avoid->mutex);
}

bool
segment_avoid_has(struct segment_avoid *avoid, uint32_t segment)
{
	bool has;

	pthread_mutex_lock(&avoid->mutex);
	has = find(avoid, segment) < avoid->count;
	pthread_mutex_unlock(&avoid->mutex);
	return has;
}

bool
segment_avoid_move(uint32_t segment, int from, int to, struct error *error)
{
	char name[SEGMENT_NAME_SIZE], target[NAME_SIZE];
	int result = -1;

	segment_name(segment, name);
	for (int i = 0; i < NAMES_MAXIMUM && result < 0; i++) {
		if (i == 0)
			snprintf(target, sizeof target, "%s", name);
		else
			snprintf(target, sizeof target, "%s.%d", name, i);
		result = renameat2(from, name, to, target, RENAME_NOREPLACE);
		if (result < 0 && errno != EEXIST)
			break;
	}
	if (result < 0 && errno != ENOENT)
		return error_system(error, "move %s to corrupt", name);
	/* First where it is found. */
	return (fsync(to) == 0 && fsync(from) == 0) ||
	    error_system(error, "fsync of a queue directory");
}
