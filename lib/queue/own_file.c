/* SPDX-License-Identifier: MIT */
#include "lib/queue/own_file.h"

#include <unistd.h>

#include "lib/base/io.h"
#include "lib/queue/little.h"
#include "lib/queue/put_private.h"
#include "lib/queue/store_private.h"

bool
own_file_write(struct put *put, struct error *error)
{
	if (put->fd < 0) {
		if (put->hold)
			put->locator.place = PLACE_HOLD;
		if (!spool_create(
			&put->store->spool, &put->locator, &put->fd, error))
			return false;
	}
	if (!io_pwrite(
		put->fd, buf_span(&put->pending), (off_t)put->written, error))
		return false;
	put->written += put->pending.len;
	buf_clear(&put->pending);
	return true;
}

/* For the tail, whose parts may be larger than the memory. */
static bool
append_large(
    struct put *put, struct span bytes, uint32_t *check, struct error *error)
{
	while (bytes.len > 0) {
		struct span piece = span_head(bytes, PUT_APPEND_MAXIMUM);

		if (put_wants_flush(put) && !own_file_write(put, error))
			return false;
		put_append(put, piece, check);
		bytes = span_skip(bytes, piece.len);
	}
	return true;
}

static bool
append_header(struct put *put, struct error *error)
{
	struct part *header = &put->head.header;
	struct line_scan lines = {0};

	header->extent = (struct extent){put_position(put), put->header.len};
	line_scan_add(&lines, put->header);
	line_scan_end(&lines, header);
	return append_large(put, put->header, &put->content_check, error);
}

static bool
append_envelope(struct put *put, struct error *error)
{
	struct format_head *head = &put->head;
	size_t padding;

	head->added = (struct extent){put_position(put), put->added.len};
	if (!append_large(
		put, buf_span(&put->added), &put->envelope_check, error))
		return false;
	head->attributes =
	    (struct extent){put_position(put), put->attributes.len};
	if (!append_large(
		put, buf_span(&put->attributes), &put->envelope_check, error))
		return false;
	padding = little_round(put_position(put)) - put_position(put);
	put_append(
	    put, span_of("\0\0\0\0\0\0\0", padding), &put->envelope_check);
	return true;
}

static int
compare_numbers(const void *a, const void *b)
{
	uint32_t left, right;

	memcpy(&left, a, sizeof left);
	memcpy(&right, b, sizeof right);
	return left < right ? -1 : left > right;
}

static bool
append_states(struct put *put, struct error *error)
{
	struct format_head *head = &put->head;
	size_t cancelled = 0;

	if (put_cancelled_count(put) > 0)
		qsort(put->cancelled.at, put_cancelled_count(put),
		    sizeof(uint32_t), compare_numbers);
	head->states = (struct extent){put_position(put),
	    (uint64_t)head->recipient_count * FORMAT_STATE_SIZE};
	for (uint32_t number = 0; number < head->recipient_count; number++) {
		enum recipient_state state = RECIPIENT_TODO;

		if (cancelled < put_cancelled_count(put) &&
		    put_cancelled_number(put, cancelled) == number) {
			state = RECIPIENT_CANCELLED;
			cancelled++;
		}
		if (put_wants_flush(put) && !own_file_write(put, error))
			return false;
		must(buf_append(&put->pending, format_state_word(state),
		    FORMAT_STATE_SIZE));
	}
	return true;
}

static void
append_end(struct put *put)
{
	struct format_end end = {
	    .length = put_position(put) + FORMAT_END_SIZE,
	    .arrival = put->head.arrival,
	    .envelope_check = put->envelope_check,
	    .content_check = put->content_check,
	    .recipient_count = put->head.recipient_count,
	};
	char bytes[FORMAT_END_SIZE];

	put->head.length = end.length;
	format_end_encode(&end, bytes);
	must(buf_append(&put->pending, bytes, sizeof bytes));
}

/* All but the head first and with one write if the message is small, then the
 * head with one more: a writer killed between the two, or inside the first,
 * leaves a file that says "never accepted" and not one that looks damaged. */
static bool
write_all(struct put *put, struct error *error)
{
	char head[FORMAT_HEAD_SIZE];

	if (!append_header(put, error) || !append_envelope(put, error) ||
	    !append_states(put, error))
		return false;
	append_end(put);
	if (!own_file_write(put, error))
		return false;
	format_head_encode(&put->head, head);
	return io_pwrite(put->fd, span_of(head, sizeof head), 0, error);
}

/* A message that is to be held and was spilled into incoming/ before that was
 * known. It is locked, so no scan can meet it under its old name. */
static bool
move_to_hold(struct put *put, struct error *error)
{
	struct spool *spool = &put->store->spool;

	if (!put->hold || put->locator.place == PLACE_HOLD)
		return true;
	return spool_move(spool, &put->locator, PLACE_HOLD, 0, error) &&
	    spool_sync(spool, PLACE_INCOMING, error);
}

bool
own_file_commit(struct put *put, struct error *error)
{
	if (!write_all(put, error))
		return false;
	if (fsync(put->fd) < 0)
		return error_system(error, "fsync of %s", put->locator.id.text);
	return move_to_hold(put, error) &&
	    spool_sync(&put->store->spool, put->locator.place, error);
}

void
own_file_abandon(struct put *put)
{
	if (put->fd >= 0)
		/* What cannot be removed is a matter for the next scan. */
		(void)!spool_remove(&put->store->spool, &put->locator, NULL);
	io_close(&put->fd);
}
