/* SPDX-License-Identifier: MIT */
#include "lib/queue/dissect.h"

#include "queue_fixture.h"

struct seen {
	struct buf text;
	uint64_t first_damage;
	unsigned damages;
};

static void
see_head(void *owner, const struct format_head *head)
{
	struct seen *seen = owner;

	buf_printf(&seen->text, "head %u;", head->recipient_count);
}

static void
see_recipient(void *owner, uint64_t offset UNUSED,
    const struct stored_recipient *recipient)
{
	struct seen *seen = owner;

	buf_printf(&seen->text, "%.*s %d;", SPAN_ARGS(recipient->address),
	    (int)recipient->state);
}

static void
see_attribute(
    void *owner, uint64_t offset UNUSED, struct span name, struct span value)
{
	struct seen *seen = owner;

	buf_printf(
	    &seen->text, "%.*s=%.*s;", SPAN_ARGS(name), SPAN_ARGS(value));
}

static void
see_journal(
    void *owner, uint64_t offset UNUSED, const struct journal_entry *entry)
{
	struct seen *seen = owner;

	buf_printf(&seen->text, "journal %d;", (int)entry->type);
}

static void
see_content(void *owner, enum dissect_part part, uint64_t offset UNUSED,
    struct span bytes)
{
	struct seen *seen = owner;

	buf_printf(&seen->text, "part %d %.*s;", (int)part, SPAN_ARGS(bytes));
}

static void
see_damage(void *owner, uint64_t offset, uint64_t length UNUSED,
    const char *what UNUSED)
{
	struct seen *seen = owner;

	if (seen->damages++ == 0)
		seen->first_damage = offset;
}

static void
dissect(struct span bytes, struct seen *seen)
{
	static const struct dissect_events events = {see_head, see_recipient,
	    see_attribute, see_journal, see_content, see_damage};
	struct source source = {.fd = -1, .memory = bytes};
	struct error error;

	seen->damages = 0;
	buf_clear(&seen->text);
	assert_true(dissect_envelope(&source, &events, seen, &error));
	for (int part = DISSECT_HEADER; part <= DISSECT_UNKNOWN; part++)
		assert_true(dissect_content(
		    &source, (enum dissect_part)part, &events, seen, &error));
}

static struct span
read_message(struct queue_fixture *queue, struct buf *bytes)
{
	struct locator locator = queue_fixture_message(queue, 2, 26);
	struct journal_entry entry = {
	    .type = JOURNAL_ATTEMPT, .time = 1, .next = 2};
	struct store_report report = {.entries = &entry, .entry_count = 1};
	bool written;

	assert_ok(queue,
	    store_record(
		queue->store, &locator, &report, &written, &queue->error));
	buf_init(bytes, 10000);
	assert_ok(queue,
	    io_read_file(AT_FDCWD, queue_fixture_path(queue, &locator), bytes,
		&queue->error));
	return buf_span(bytes);
}

static void
test_sound(void **state)
{
	struct seen seen = {0};
	struct buf bytes;
	struct span file = read_message(*state, &bytes);

	buf_init(&seen.text, 100000);
	dissect(file, &seen);
	assert_int_equal(seen.damages, 0);
	assert_span(buf_span(&seen.text),
	    "head 2;sender=s@example.org;r0@example.net 0;r1@example.net 0;"
	    "journal 1;part 0 Subject: test\r\n;"
	    "part 1 abcdefghijklmnopqrstuvwxyz;");
	buf_finish(&seen.text);
	buf_finish(&bytes);
}

/* Each flipped byte is a damage, and what is elsewhere is still shown. */
static void
test_every_byte(void **state)
{
	struct seen seen = {0};
	struct buf bytes;
	struct span file = read_message(*state, &bytes);

	buf_init(&seen.text, 100000);
	for (size_t i = 0; i < file.len; i++) {
		bytes.at[i] ^= 1;
		dissect(file, &seen);
		if (seen.damages == 0)
			fail_msg("byte %zu is not missed", i);
		if (i < FORMAT_HEAD_SIZE) {
			assert_int_equal(seen.first_damage, 0);
			assert_non_null(strstr(
			    buf_text(&seen.text), "r1@example.net 0;part 2 "));
		}
		bytes.at[i] ^= 1;
	}
	buf_finish(&seen.text);
	buf_finish(&bytes);
}

static void
test_every_length(void **state)
{
	struct seen seen = {0};
	struct buf bytes;
	struct span file = read_message(*state, &bytes);
	unsigned sound = 0;

	buf_init(&seen.text, 100000);
	for (size_t length = 0; length < file.len; length++) {
		char *copy = malloc(length + 1);

		memcpy(copy, file.at, length);
		dissect(span_of(copy, length), &seen);
		sound += seen.damages == 0;
		free(copy);
	}
	/* Without any journal it is. */
	assert_int_equal(sound, 1);
	buf_finish(&seen.text);
	buf_finish(&bytes);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    QUEUE_TEST(test_sound),
	    QUEUE_TEST(test_every_byte),
	    QUEUE_TEST(test_every_length),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
