/* SPDX-License-Identifier: MIT */
#include "lib/loop/offload.h"
#include "lib/queue/store_segments.h"

#include "qmgr/disk.h"
#include "qmgr/suspects.h"

enum {
	READING_MAXIMUM = 32 << 20
};

static bool
is_wanted(const struct disk_reading *reading,
    const struct stored_recipient *recipient, size_t found)
{
	return reading->numbers == NULL
	    ? recipient->state == RECIPIENT_TODO
	    : recipient->number == reading->numbers[found];
}

/* Copies those of the slice that are asked for behind the *found ones. */
static bool
pick(struct disk_reading *reading, const struct stored_slice *slice,
    size_t *found)
{
	for (size_t i = 0; i < slice->count && *found < reading->count; i++) {
		const struct stored_recipient *from = &slice->recipients[i];
		struct stored_recipient *to = &reading->recipients[*found];

		if (!is_wanted(reading, from, *found))
			continue;
		*to = *from;
		if (!pool_copy_span(
			reading->pool, from->address, &to->address) ||
		    !pool_copy_span(
			reading->pool, from->original, &to->original) ||
		    !pool_copy_span(reading->pool, from->orcpt, &to->orcpt))
			return error_set(
			    &reading->error, ERROR_LIMIT, "no room");
		++*found;
	}
	return true;
}

/* What is not asked for is forgotten with its slice: of a list only a small
 * part is wanted at a time. Without numbers the cursor stays behind the last
 * one that is. */
static bool
read_slice(struct disk_reading *reading, size_t *found, bool *at_end)
{
	struct pool *pool = pool_create(NULL, "slice", READING_MAXIMUM);
	struct stored_slice slice;
	bool good = stored_read_some(pool, reading->stored,
	    reading->numbers == NULL ? reading->count : MESSAGE_SLICE,
	    &reading->cursor, &slice, &reading->error);

	*at_end = good && slice.count == 0;
	good = good && pick(reading, &slice, found);
	pool_destroy(pool);
	return good;
}

/* Without numbers one slice with something in it is enough: what is behind it
 * is read next time. */
static bool
read_recipients(struct disk_reading *reading)
{
	size_t found = 0;
	bool at_end = false;

	while (!at_end && found < reading->count &&
	    (reading->numbers != NULL || found == 0))
		if (!read_slice(reading, &found, &at_end))
			return false;
	reading->at_end =
	    reading->cursor.number >= reading->stored->recipient_count;
	if (reading->numbers != NULL && found < reading->count)
		return error_set(&reading->error, ERROR_INVALID,
		    "recipient %u is not in the file", reading->numbers[found]);
	reading->count = found;
	return true;
}

static bool
read_reasons(struct disk_reading *reading)
{
	struct stored_slice slice = {reading->recipients, reading->count};

	reading->reasons = pool_alloc(
	    reading->pool, (reading->count + 1) * sizeof(struct stored_reason));
	if (reading->reasons == NULL)
		return error_set(&reading->error, ERROR_LIMIT, "no room");
	return stored_read_reasons(reading->pool, reading->stored, &slice,
	    reading->reasons, &reading->error);
}

/* What has no descriptor is small. */
static bool
read_content(struct disk_reading *reading)
{
	const struct stored *stored = reading->stored;
	size_t header = (size_t)stored->header.extent.length;
	size_t body = (size_t)stored->body.extent.length;
	char *bytes;

	if (stored_content_fd(stored) >= 0)
		return true;
	bytes = pool_alloc(reading->pool, header + body + 1);
	if (bytes == NULL)
		return error_set(&reading->error, ERROR_LIMIT, "no room");
	reading->content = span_of(bytes, header + body);
	return stored_read_part(stored, &stored->header,
		   (struct extent){0, header}, bytes, &reading->error) &&
	    stored_read_part(stored, &stored->body, (struct extent){0, body},
		bytes + header, &reading->error);
}

static void
read_opened(struct disk_reading *reading)
{
	if (reading->stored == NULL)
		return;
	reading->recipients = pool_alloc(reading->pool,
	    (reading->count + 1) * sizeof(struct stored_recipient));
	if (reading->recipients != NULL && read_recipients(reading) &&
	    read_content(reading) &&
	    (!reading->with_reasons || read_reasons(reading)))
		return;
	reading->stored = NULL;
	reading->result = STORED_FAILED;
}

static void
job_read(void *argument)
{
	struct disk_reading *reading = argument;

	reading->stored = stored_open(reading->pool, reading->store,
	    &reading->locator, &reading->result, &reading->error);
	read_opened(reading);
}

static void
job_adopt(void *argument)
{
	struct disk_reading *reading = argument;

	reading->stored = store_adopt(reading->pool, reading->store,
	    &reading->locator, &reading->result, &reading->error);
	read_opened(reading);
}

bool
disk_read_new(struct disk_reading *reading, bool adopt)
{
	struct suspects_access access;

	reading->store = disk_store();
	reading->pool = pool_create(NULL, "reading", READING_MAXIMUM);
	reading->error.text[0] = '\0';
	suspects_begin_access(&access, "read", &reading->locator.id);
	/* A small message just written is in memory: a thread costs more. */
	if (!adopt && store_is_light(&reading->locator))
		job_read(reading);
	else
		offload_run(adopt ? job_adopt : job_read, reading);
	suspects_end_access(&access);
	return reading->stored != NULL;
}

bool
disk_read(struct message *message, struct disk_reading *reading)
{
	bool good;

	turn_take(&message->turn);
	reading->locator = message->locator;
	good = disk_read_new(reading, false);
	turn_give(&message->turn);
	return good;
}

void
disk_finish_reading(struct disk_reading *reading)
{
	pool_destroy(reading->pool);
	reading->pool = NULL;
}
