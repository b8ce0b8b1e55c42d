/* SPDX-License-Identifier: MIT */
#include "lib/base/crc32c.h"
#include "lib/queue/journal.h"
#include "lib/queue/little.h"

#include "../../unit.h"

static const struct journal_entry entries[] = {
    {.type = JOURNAL_ATTEMPT, .time = 1000, .next = 2000},
    {.type = JOURNAL_REASON,
	.reason = {.recipient = 3,
	    .success = SUCCESS_RELAYED,
	    .status = {"4.4.1", 5},
	    .remote = {"mx.example", 10},
	    .diagnostic = {"451 4.4.1 no", 12},
	    .text = {"host said: 451", 14}}},
    {.type = JOURNAL_WARNED, .time = 3000},
    {.type = JOURNAL_EXPIRE, .time = 4000},
    {.type = JOURNAL_REQUEUE, .time = 5000},
    {.type = JOURNAL_SUCCESSOR, .successor = {"4jcFYM1MxJz0cCC1"}},
};

static void
append_all(struct buf *out)
{
	buf_init(out, 100000);
	for (uint32_t i = 0; i < COUNT_OF(entries); i++)
		assert_true(journal_append(out, i, &entries[i]));
}

static void
test_round_trip(void **state UNUSED)
{
	struct journal_entry entry;
	struct span rest;
	struct buf out;
	uint32_t count;

	append_all(&out);
	rest = buf_span(&out);
	for (uint32_t i = 0; i < COUNT_OF(entries); i++) {
		assert_int_equal(journal_take(&rest, i, &entry), JOURNAL_TAKEN);
		assert_int_equal(entry.type, entries[i].type);
		assert_int_equal(entry.time, entries[i].time);
		assert_int_equal(entry.next, entries[i].next);
		assert_true(id_equal(&entry.successor, &entries[i].successor));
		if (entry.type != JOURNAL_REASON)
			continue;
		assert_int_equal(entry.reason.recipient, 3);
		assert_int_equal(entry.reason.success, SUCCESS_RELAYED);
		assert_span(entry.reason.status, "4.4.1");
		assert_span(entry.reason.remote, "mx.example");
		assert_span(entry.reason.diagnostic, "451 4.4.1 no");
		assert_span(entry.reason.text, "host said: 451");
	}
	assert_int_equal(rest.len, 0);
	assert_true(journal_find_last(buf_span(&out), &count));
	assert_int_equal(count, COUNT_OF(entries) - 1);
	buf_finish(&out);
}

/* REL-06: whatever is torn off, what is in front stays. */
static void
test_torn(void **state UNUSED)
{
	struct journal_entry entry;
	struct buf out;

	append_all(&out);
	for (size_t len = 0; len < out.len; len++) {
		struct span rest = span_head(buf_span(&out), len);
		uint32_t count = 0, last;
		size_t sound;

		while (journal_take(&rest, count, &entry) == JOURNAL_TAKEN)
			count++;
		assert_true(count < COUNT_OF(entries));
		sound = len - rest.len;
		assert_int_equal(
		    journal_find_last(span_head(buf_span(&out), len), &last),
		    count > 0 && sound == len);
	}
	buf_finish(&out);
}

static void
test_any_byte(void **state UNUSED)
{
	struct journal_entry entry;
	struct buf out;

	append_all(&out);
	for (size_t i = 0; i < out.len; i++) {
		struct span rest = buf_span(&out);
		uint32_t count = 0;

		out.at[i] = (char)(out.at[i] ^ 0x41);
		while (journal_take(&rest, count, &entry) <= JOURNAL_SKIPPED)
			count++;
		assert_true(count < COUNT_OF(entries));
		assert_true(out.len - rest.len <= i);
		out.at[i] = (char)(out.at[i] ^ 0x41);
	}
	buf_finish(&out);
}

static void
test_long_texts_are_cut(void **state UNUSED)
{
	static char text[JOURNAL_TEXT_MAXIMUM * 2];
	struct journal_entry entry = entries[1];
	struct span rest;
	struct buf out;

	memset(text, 'x', sizeof text);
	entry.reason.status = entry.reason.remote = entry.reason.diagnostic =
	    entry.reason.text = span_of(text, sizeof text);
	buf_init(&out, JOURNAL_RECORD_MAXIMUM);
	assert_true(journal_append(&out, 0, &entry));
	assert_false(journal_append(&out, 1, &entry));
	rest = buf_span(&out);
	assert_int_equal(journal_take(&rest, 0, &entry), JOURNAL_TAKEN);
	assert_int_equal(entry.reason.text.len, JOURNAL_TEXT_MAXIMUM);
	buf_finish(&out);
}

static void
test_unknown_type_is_skipped(void **state UNUSED)
{
	struct journal_entry entry;
	struct span rest;
	struct buf out;

	append_all(&out);
	little_put(out.at + 4, 2, 99);
	little_put(out.at + 12, 4,
	    crc32c(crc32c(0, span_of(out.at, 12)), span_of(out.at + 16, 24)));
	rest = buf_span(&out);
	assert_int_equal(journal_take(&rest, 0, &entry), JOURNAL_SKIPPED);
	assert_int_equal(journal_take(&rest, 1, &entry), JOURNAL_TAKEN);
	assert_int_equal(journal_take(&rest, 3, &entry), JOURNAL_TORN);
	buf_finish(&out);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_round_trip),
	    cmocka_unit_test(test_torn),
	    cmocka_unit_test(test_any_byte),
	    cmocka_unit_test(test_long_texts_are_cut),
	    cmocka_unit_test(test_unknown_type_is_skipped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
