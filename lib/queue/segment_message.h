/* SPDX-License-Identifier: MIT */
/* One message in a segment: reading it, recording what has become of it, moving
 * it out to a file of its own. Private to lib/queue; store.c and stored.c call
 * it for locators with a segment. All of it blocks as store.h says. */
#ifndef QUEUE_SEGMENT_MESSAGE_H
#define QUEUE_SEGMENT_MESSAGE_H

#include "lib/queue/store.h"

/* As stored_open; the content is checked too. */
struct stored *segment_message_open(struct pool *pool, struct store *store,
    const struct locator *locator, enum stored_result *result,
    struct error *error) MUST_USE;

/* As store_adopt: a move that was killed in the middle is finished or taken
 * back. */
struct stored *segment_message_adopt(struct pool *pool, struct store *store,
    const struct locator *locator, enum stored_result *result,
    struct error *error) MUST_USE;

/* States facts without writing them: segment_table_flush does. False with
 * ERROR_NOT_FOUND when the segment is gone. */
bool segment_message_mark(struct store *store, const struct locator *locator,
    const struct store_mark *marks, size_t count, struct error *error) MUST_USE;
bool segment_message_done(struct store *store, const struct locator *locator,
    struct error *error) MUST_USE;

/* Writes a file of its own in incoming/ in the full durable order and then a
 * done record, durable before it returns; *locator is updated. */
bool segment_message_move_out(
    struct store *store, struct locator *locator, struct error *error) MUST_USE;

/* A message on its way out, in two steps, so that recovery syncs many files
 * together (segment_copies.h), and then the directory once. */
struct segment_copy {
	struct locator own;
	int fd;
};

/* The file is written; nobody else may have it before segment_message_end_copy,
 * which has to follow. */
bool segment_message_begin_copy(struct store *store,
    const struct locator *locator, struct segment_copy *copy,
    struct error *error) MUST_USE;
/* fsync of the file, not of the directory; on failure it is removed. */
bool segment_message_end_copy(struct store *store, struct segment_copy *copy,
    struct error *error) MUST_USE;

/* To corrupt/, as it is, and done. */
bool segment_message_set_aside(
    struct store *store, struct locator *locator, struct error *error) MUST_USE;

#endif
