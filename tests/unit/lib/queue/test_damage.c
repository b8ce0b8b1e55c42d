/* SPDX-License-Identifier: MIT */
/* Every byte of a message's file, and of a segment, changed in ten ways, and
 * every length: what is read is the same message or none, and nothing is lost.
 */
#include <sys/stat.h>

#include "lib/base/crc32c.h"
#include "lib/queue/little.h"
#include "lib/queue/segment_contents.h"

#include "segment_fixture.h"

enum {
	BODY = 1000,
	VARIANTS = 10
};

static const char second[] = "r1@example.net";

/* Each bit, all of them, and zero. */
static char
change(char byte, int variant)
{
	if (variant < 8)
		return (char)(byte ^ (1 << variant));
	return variant == 8 ? (char)~byte : '\0';
}

/* Two recipients, one of them done, and an attempt in the journal. */
static struct locator
make_message(struct queue_fixture *queue)
{
	struct locator locator = queue_fixture_message(queue, 2, BODY);
	struct store_mark mark = {0, RECIPIENT_DONE};
	struct journal_entry entries[] = {
	    {.type = JOURNAL_ATTEMPT, .time = 1000, .next = 2000},
	    {.type = JOURNAL_WARNED, .time = 3000},
	};
	struct store_report report = {&mark, 1, entries, 2};
	bool written;

	assert_ok(queue,
	    store_record(
		queue->store, &locator, &report, &written, &queue->error));
	return locator;
}

/* A check of all that an agent would get to see. */
static uint32_t
check_of(struct queue_fixture *queue, const struct stored *stored)
{
	struct stored_cursor cursor = {0};
	struct stored_slice slice;
	char body[BODY];
	uint32_t check =
	    crc32c(stored->flags, stored->attribute[ATTRIBUTE_SENDER]);

	assert_ok(queue,
	    stored_read_recipients(
		queue->pool, stored, &cursor, &slice, &queue->error));
	assert_int_equal(slice.count, 2);
	for (size_t i = 0; i < slice.count; i++) {
		check = crc32c(check, slice.recipients[i].address);
		check += slice.recipients[i].state;
	}
	assert_span(slice.recipients[1].address, second);
	assert_int_equal(stored->body.extent.length, BODY);
	assert_ok(queue,
	    stored_read_part(stored, &stored->body, (struct extent){0, BODY},
		body, &queue->error));
	return crc32c(check, span_of(body, BODY)) ^
	    (uint32_t)stored->header.extent.length ^ (uint32_t)stored->arrival;
}

/* The file is as it was written, in corrupt/, and goes back. */
static void
take_back(struct queue_fixture *queue, const struct locator *locator,
    struct span bytes, const char *what, size_t at)
{
	struct locator aside = {.id = locator->id, .place = PLACE_CORRUPT};
	struct buf found = queue_fixture_read(queue, &aside);

	if (!span_equal(buf_span(&found), bytes))
		fail_msg(
		    "%s %zu: the file in corrupt is another one", what, at);
	buf_finish(&found);
	assert_ok(queue, store_release(queue->store, &aside, &queue->error));
}

/* In place: to write a whole file anew would have the disk wait each time. */
static void
put_byte(struct queue_fixture *queue, const struct locator *locator, size_t at,
    char byte)
{
	int fd = open(queue_fixture_path(queue, locator), O_WRONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	assert_true(io_pwrite(fd, span_of(&byte, 1), (off_t)at, NULL));
	close(fd);
}

/* Adopts what is there, which is `bytes`, and says whether it is the message.
 */
static bool
try_file(struct queue_fixture *queue, const struct locator *locator,
    struct span bytes, uint32_t whole, const char *what, size_t at)
{
	enum stored_result result;
	struct stored *stored;
	bool is_same;

	stored = store_adopt(
	    queue->pool, queue->store, locator, &result, &queue->error);
	is_same = stored != NULL;
	if (is_same && check_of(queue, stored) != whole)
		fail_msg("%s %zu: another message", what, at);
	if (result == STORED_CORRUPT)
		take_back(queue, locator, bytes, what, at);
	else if (!is_same && result != STORED_NEVER_ACCEPTED)
		fail_msg("%s %zu: result %d", what, at, result);
	pool_clear(queue->pool);
	return is_same;
}

static void
test_file_changed(void **state)
{
	struct queue_fixture *queue = *state;
	struct locator locator = make_message(queue);
	struct stored *stored = queue_fixture_stored(queue, &locator);
	uint32_t whole = check_of(queue, stored);
	struct buf file = queue_fixture_read(queue, &locator);
	size_t end = (size_t)little_get(file.at + 160, 8); /* of END */

	pool_clear(queue->pool);
	for (size_t i = 0; i < file.len; i++)
		for (int variant = 0; variant < VARIANTS; variant++) {
			char byte = file.at[i];
			bool is_same;

			file.at[i] = change(byte, variant);
			if (file.at[i] == byte)
				continue;
			put_byte(queue, &locator, i, file.at[i]);
			is_same = try_file(
			    queue, &locator, buf_span(&file), whole, "byte", i);
			/* Whatever is wrong with the journal, the message is
			 * what it was. */
			if (is_same != (i >= end))
				fail_msg("byte %zu of %zu: is_same %d", i,
				    file.len, is_same);
			file.at[i] = byte;
			if (is_same)
				queue_fixture_write(
				    queue, &locator, buf_span(&file));
			else
				put_byte(queue, &locator, i, byte);
		}
	assert_true(try_file(
	    queue, &locator, buf_span(&file), whole, "whole", file.len));
	buf_finish(&file);
}

static void
test_file_cut(void **state)
{
	struct queue_fixture *queue = *state;
	struct locator locator = make_message(queue);
	struct stored *stored = queue_fixture_stored(queue, &locator);
	uint32_t whole = check_of(queue, stored);
	struct buf file = queue_fixture_read(queue, &locator);
	size_t end = (size_t)little_get(file.at + 160, 8);

	pool_clear(queue->pool);
	for (size_t len = file.len + 1; len-- > 0;) {
		const char *path = queue_fixture_path(queue, &locator);

		assert_int_equal(truncate(path, (off_t)len), 0);
		assert_int_equal(
		    try_file(queue, &locator, span_of(file.at, len), whole,
			"length", len),
		    len >= end);
	}
	buf_finish(&file);
}

/* ---- segments ---- */

/* Two messages in batches of their own, as bytes. */
struct image {
	char bytes[4 * SEGMENT_PAGE];
	struct segment_contents whole;
};

static void
make_image(struct queue_fixture *queue, struct image *image)
{
	struct segment_writer *writer = segment_fixture_writer(queue, 1);
	struct locator locator = segment_fixture_message(queue, writer, BODY);
	char path[100], name[SEGMENT_NAME_SIZE];
	int fd;

	(void)segment_fixture_message(queue, writer, BODY);
	segment_name(locator.in.segment, name);
	snprintf(path, sizeof path, "%s/incoming/%s", queue->path, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_true(io_pread(fd, image->bytes, sizeof image->bytes, 0, NULL));
	close(fd);
	segment_writer_destroy(writer);
	assert_int_equal(
	    segment_contents_read(
		span_of(image->bytes, sizeof image->bytes), &image->whole),
	    SEGMENT_SOUND);
	assert_int_equal(image->whole.count, 2);
}

static bool
is_inside(const struct segment_entry *entry, size_t at)
{
	return at >= entry->offset && at < entry->offset + entry->length;
}

/* What is found is found whole; a message of a batch that has a later one is
 * missed. `at` is the byte that was changed, or that the file ends at. */
static void
look(const struct image *image, struct span bytes, size_t at, bool is_cut)
{
	const struct segment_entry *entries = image->whole.entries;
	struct segment_contents contents;
	enum segment_head_result result =
	    segment_contents_read(bytes, &contents);
	size_t expected = 0;

	for (size_t i = 0; i < 2; i++)
		expected += is_cut ? entries[i].offset + entries[i].length <= at
				   : !is_inside(&entries[i], at);
	if (contents.count != expected)
		fail_msg("byte %zu: %zu messages", at, contents.count);
	for (size_t i = 0; i < contents.count; i++) {
		size_t which = contents.entries[i].number;

		assert_true(which < 2);
		assert_true(
		    id_equal(&contents.entries[i].id, &entries[which].id));
		assert_int_equal(
		    contents.entries[i].offset, entries[which].offset);
		assert_int_equal(
		    contents.entries[i].length, entries[which].length);
	}
	if (!is_cut && is_inside(&entries[0], at))
		assert_int_equal(contents.gap_count, 1);
	else
		assert_int_equal(contents.gap_count, 0);
	assert_true(result == SEGMENT_SOUND || at < SEGMENT_RECORD_HEAD);
	segment_contents_finish(&contents);
}

static void
test_segment_changed(void **state)
{
	struct queue_fixture *queue = *state;
	static struct image image;
	size_t end;

	make_image(queue, &image);
	end = image.whole.entries[1].offset + image.whole.entries[1].length;
	for (size_t i = 0; i < end + 100; i++) {
		/* Zeros between the parts: a few stand for all. */
		if (image.bytes[i] == '\0' && i % 16 != 0)
			continue;
		for (int variant = 0; variant < VARIANTS; variant++) {
			char byte = image.bytes[i];

			image.bytes[i] = change(byte, variant);
			if (image.bytes[i] != byte)
				look(&image,
				    span_of(image.bytes, sizeof image.bytes), i,
				    false);
			image.bytes[i] = byte;
		}
	}
	segment_contents_finish(&image.whole);
}

static void
test_segment_cut(void **state)
{
	struct queue_fixture *queue = *state;
	static struct image image;

	make_image(queue, &image);
	for (size_t len = 0; len <= sizeof image.bytes; len++)
		look(&image, span_of(image.bytes, len), len, true);
	segment_contents_finish(&image.whole);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    QUEUE_TEST(test_file_changed),
	    QUEUE_TEST(test_file_cut),
	    QUEUE_TEST(test_segment_changed),
	    QUEUE_TEST(test_segment_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
