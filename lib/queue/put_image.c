/* SPDX-License-Identifier: MIT */
#include "lib/queue/put_image.h"

#include "lib/queue/little.h"
#include "lib/queue/put_private.h"

/* One image being finished. */
struct image {
	struct put *put;
	bool (*make_room)(struct put *put, struct error *error);
	struct error *error;
};

static bool
make_room(const struct image *image)
{
	return image->make_room == NULL || !put_wants_flush(image->put) ||
	    image->make_room(image->put, image->error);
}

/* The parts of the tail may be larger than the memory. */
static bool
append_large(const struct image *image, struct span bytes, uint32_t *check)
{
	while (bytes.len > 0) {
		struct span piece = span_head(bytes, PUT_APPEND_MAXIMUM);

		if (!make_room(image))
			return false;
		put_append(image->put, piece, check);
		bytes = span_skip(bytes, piece.len);
	}
	return true;
}

static bool
append_header(const struct image *image)
{
	struct put *put = image->put;
	struct part *header = &put->head.header;
	struct line_scan lines = {0};

	header->extent = (struct extent){put_position(put), put->header.len};
	line_scan_add(&lines, put->header);
	line_scan_end(&lines, header);
	return append_large(image, put->header, &put->content_check);
}

static bool
append_envelope(const struct image *image)
{
	struct put *put = image->put;
	struct format_head *head = &put->head;
	size_t padding;

	head->added = (struct extent){put_position(put), put->added.len};
	if (!append_large(image, buf_span(&put->added), &put->envelope_check))
		return false;
	head->attributes =
	    (struct extent){put_position(put), put->attributes.len};
	if (!append_large(
		image, buf_span(&put->attributes), &put->envelope_check))
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
append_states(const struct image *image)
{
	struct put *put = image->put;
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
		if (!make_room(image))
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

bool
put_image_finish(struct put *put,
    bool (*make_room_in)(struct put *put, struct error *error),
    struct error *error)
{
	struct image image = {put, make_room_in, error};

	if (!append_header(&image) || !append_envelope(&image) ||
	    !append_states(&image))
		return false;
	append_end(put);
	return true;
}

uint64_t
put_image_size(const struct put *put)
{
	return put_position(put) + FORMAT_BODY_END_SIZE + put->header.len +
	    put->added.len + put->attributes.len + sizeof(uint64_t) +
	    (uint64_t)put->head.recipient_count * FORMAT_STATE_SIZE +
	    FORMAT_END_SIZE;
}
