/* SPDX-License-Identifier: MIT */
#include "lib/base/hash.h"
#include "lib/base/text.h"
#include "lib/queue/id.h"

#include "../../unit.h"

static const int64_t now = INT64_C(1795345209123456); /* November 2026 */

static void
test_shape(void **state UNUSED)
{
	struct id_source source;
	struct queue_id id, parsed;

	id_source_init(&source, ID_WRITERS - 1);
	id = id_next(&source, now);
	assert_int_equal(strlen(id.text), 16);
	assert_int_equal(id.text[10], 'z');
	for (const char *at = id.text; *at != '\0'; at++) {
		assert_true(text_is_alphanumeric(*at));
		assert_null(strchr("AEIOUaeiou", *at));
	}
	assert_true(id_parse(span_text(id.text), &parsed));
	assert_true(id_equal(&id, &parsed));
	assert_int_equal(id_time(&parsed), now);
}

static void
test_strictly_rising_and_unique(void **state UNUSED)
{
	struct hash *seen = hash_create();
	struct id_source sources[2];
	int64_t last[2] = {0, 0};

	id_source_init(&sources[0], 0);
	id_source_init(&sources[1], 1);
	for (int i = 0; i < 1000000; i++) {
		/* A clock that stands still, then steps back. */
		int64_t clock = i < 900000 ? now + i / 3 : now - 5000000;
		int writer = i & 1;
		struct queue_id id = id_next(&sources[writer], clock);

		assert_true(id_time(&id) > last[writer]);
		last[writer] = id_time(&id);
		assert_null(hash_put(seen, span_text(id.text), seen));
	}
	assert_int_equal(hash_count(seen), 1000000);
	hash_destroy(seen);
}

static void
test_far_future(void **state UNUSED)
{
	struct id_source source;
	struct queue_id id;
	int64_t future = INT64_C(19770609664) * 1000000 + 7; /* 52^6 seconds */

	id_source_init(&source, 5);
	id = id_next(&source, future);
	assert_int_equal(strlen(id.text), 17);
	assert_int_equal(id_time(&id), future);
}

static void
test_parse(void **state UNUSED)
{
	static const struct {
		const char *text;
		bool valid;
	} cases[] = {
	    {"4jXRJQ3HHZz1d0Hr", true},
	    {"zzzzzz0000z1", true},
	    {"000000z000z0", false}, /* microseconds of a million and more */
	    {"00000000000z0", true}, /* seven digits of seconds */
	    {"", false},
	    {"z", false},
	    {"4jXRJQ3HHZz", false},
	    {"4jXRJQ3HHZ", false},
	    {"4jXRJQ3HHz1d0Hr", false},   /* too few digits of time */
	    {"C3CDEAA0514", false},       /* the short shape */
	    {"4jXRJQ3HHZz1d0Hr/", false}, /* never a path */
	    {"../../etc/passwd", false},
	    {"4jXRJQ3HHZz1d0Ha", false}, /* a vowel */
	    {"4jXRJQ3HHZz1d0 Hr", false},
	    {"4jXRJQ3HHZz11111111111", false}, /* tail too long */
	    {"4444444443HHZz1d0Hr", false},    /* seconds too long */
	    {"4jXRJQ3HHZz1d0Hr4jXRJQ3HHZz1d0Hr", false},
	};
	struct queue_id id;

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		bool valid = id_parse(span_text(cases[i].text), &id);

		if (valid != cases[i].valid)
			fail_msg("%s: %d", cases[i].text, valid);
		if (valid)
			assert_string_equal(id.text, cases[i].text);
	}
	assert_false(id_parse(span_of("4jXRJQ3HHZz1d0H\0", 16), &id));
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_shape),
	    cmocka_unit_test(test_strictly_rising_and_unique),
	    cmocka_unit_test(test_far_future),
	    cmocka_unit_test(test_parse),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
