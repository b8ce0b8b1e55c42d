/* SPDX-License-Identifier: MIT */
#include "lib/base/crc32c.h"
#include "lib/queue/format.h"
#include "lib/queue/little.h"

#include "../../unit.h"

/* Two recipients, one of them added; 100 bytes of body, 30 of header. */
static const struct format_head sound = {
    .flags = QUEUED_NOTICE,
    .arrival = INT64_C(1795345209123456),
    .recipient_count = 2,
    .added_count = 1,
    .recipients = {512, 40},
    .body_area = {552, 103},
    .body = {.extent = {552, 100}, .flags = PART_8BIT, .longest_line = 70},
    .header = {.extent = {655, 30}, .flags = PART_FINAL_CRLF},
    .added = {685, 48},
    .attributes = {733, 20},
    .states = {760, 16},
    .length = 816,
};

static void
test_head_round_trip(void **state UNUSED)
{
	char bytes[FORMAT_HEAD_SIZE];
	struct format_head head;

	memset(&head, 0, sizeof head);
	format_head_encode(&sound, bytes);
	assert_memory_equal(bytes, "PosternQ\1\0\0\2", 12);
	assert_int_equal(little_get(bytes + 16, 8), sound.arrival);
	assert_int_equal(
	    format_head_decode(span_of(bytes, sizeof bytes), 816, &head),
	    FORMAT_COMPLETE);
	assert_memory_equal(&head, &sound, sizeof head);
	assert_int_equal(
	    format_head_decode(span_of(bytes, sizeof bytes), 5000, &head),
	    FORMAT_COMPLETE);
	assert_int_equal(
	    format_head_decode(span_of(bytes, sizeof bytes), 815, &head),
	    FORMAT_CORRUPT);
}

static void
test_head_that_lies(void **state UNUSED)
{
	/* The field at `offset` set to `value`, with a good check. */
	static const struct {
		size_t offset;
		size_t width;
		uint64_t value;
	} cases[] = {
	    {24, 4, 3}, /* recipients do not fit the states */
	    {28, 4, 3}, /* more added than there are */
	    {24, 4, UINT32_MAX},
	    {32, 8, 656},
	    {40, 8, UINT64_MAX},
	    {56, 8, 551},
	    {56, 8, 653},
	    {64, 8, 101},
	    {64, 8, UINT64_MAX - 200},
	    {80, 8, 0},
	    {88, 8, UINT64_MAX},
	    {104, 8, 41},
	    {120, 8, 131073},
	    {128, 8, 768},
	    {136, 8, 24},
	    {144, 8, UINT64_MAX},
	    {152, 8, 0},
	    {160, 8, 0},
	    {160, 8, 817},
	    {160, 8, UINT64_MAX},
	};

	char bytes[FORMAT_HEAD_SIZE];
	struct format_head head;

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		format_head_encode(&sound, bytes);
		little_put(
		    bytes + cases[i].offset, cases[i].width, cases[i].value);
		little_put(bytes + 508, 4, crc32c(0, span_of(bytes, 508)));
		if (format_head_decode(span_of(bytes, sizeof bytes), 2000,
			&head) != FORMAT_CORRUPT)
			fail_msg("case %zu is not corrupt", i);
	}
}

static void
test_head_results(void **state UNUSED)
{
	char bytes[FORMAT_HEAD_SIZE] = {0};
	struct span whole = span_of(bytes, sizeof bytes);
	struct format_head head;

	assert_int_equal(
	    format_head_decode(SPAN_EMPTY, 0, &head), FORMAT_NEVER_ACCEPTED);
	assert_int_equal(
	    format_head_decode(whole, 100000, &head), FORMAT_NEVER_ACCEPTED);
	assert_int_equal(format_head_decode(span_head(whole, 511), 511, &head),
	    FORMAT_CORRUPT);
	format_head_encode(&sound, bytes);
	bytes[8] = 2;
	assert_int_equal(format_head_decode(whole, 816, &head), FORMAT_CORRUPT);
	little_put(bytes + 508, 4, crc32c(0, span_of(bytes, 508)));
	assert_int_equal(format_head_decode(whole, 816, &head), FORMAT_NEWER);
	bytes[8] = 0;
	assert_int_equal(format_head_decode(whole, 816, &head), FORMAT_CORRUPT);
	bytes[8] = 1;
	bytes[0] = 'p';
	assert_int_equal(format_head_decode(whole, 816, &head), FORMAT_CORRUPT);
}

static void
test_head_any_bit(void **state UNUSED)
{
	char bytes[FORMAT_HEAD_SIZE];
	struct format_head head;

	format_head_encode(&sound, bytes);
	for (size_t bit = 0; bit < sizeof bytes * 8; bit++) {
		bytes[bit / 8] ^= (char)(1 << bit % 8);
		assert_int_not_equal(
		    format_head_decode(
			span_of(bytes, sizeof bytes), 816, &head),
		    FORMAT_COMPLETE);
		bytes[bit / 8] ^= (char)(1 << bit % 8);
	}
}

static void
test_end(void **state UNUSED)
{
	struct format_end end = {.length = 816,
	    .arrival = sound.arrival,
	    .envelope_check = 1,
	    .content_check = 2,
	    .recipient_count = 2};
	struct format_end decoded = {0};
	struct format_head other = sound;
	char bytes[FORMAT_END_SIZE];
	struct span whole = span_of(bytes, sizeof bytes);

	format_end_encode(&end, bytes);
	assert_true(format_end_decode(whole, &sound, &decoded));
	assert_int_equal(decoded.envelope_check, 1);
	assert_int_equal(decoded.content_check, 2);
	other.arrival++;
	assert_false(format_end_decode(whole, &other, &decoded));
	assert_false(format_end_decode(span_head(whole, 39), &sound, &decoded));
	for (size_t bit = 0; bit < sizeof bytes * 8; bit++) {
		bytes[bit / 8] ^= (char)(1 << bit % 8);
		assert_false(format_end_decode(whole, &sound, &decoded));
		bytes[bit / 8] ^= (char)(1 << bit % 8);
	}
}

/* REL-06: a mix of two words is neither of the two, however it is torn. */
static void
test_states_differ_in_four_bytes(void **state UNUSED)
{
	for (unsigned a = 0; a < RECIPIENT_STATES; a++)
		for (unsigned b = 0; b < RECIPIENT_STATES; b++) {
			const char *left = format_state_word(a);
			const char *right = format_state_word(b);
			enum recipient_state decoded;
			unsigned differing = 0;

			for (int i = 0; i < FORMAT_STATE_SIZE; i++)
				differing += left[i] != right[i];
			assert_true(a == b || differing >= 4);
			assert_true(format_state_decode(left, &decoded));
			assert_int_equal(decoded, a);
			for (int cut = 1; cut < FORMAT_STATE_SIZE; cut++) {
				char torn[FORMAT_STATE_SIZE];

				memcpy(torn, left, sizeof torn);
				memcpy(torn, right, (size_t)cut);
				if (format_state_decode(torn, &decoded))
					assert_true(
					    decoded == a || decoded == b);
			}
		}
	assert_false(format_state_decode(
	    "\0\0\0\0\0\0\0\0", &(enum recipient_state){RECIPIENT_TODO}));
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_head_round_trip),
	    cmocka_unit_test(test_head_that_lies),
	    cmocka_unit_test(test_head_results),
	    cmocka_unit_test(test_head_any_bit),
	    cmocka_unit_test(test_end),
	    cmocka_unit_test(test_states_differ_in_four_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
