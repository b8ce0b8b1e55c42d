/* SPDX-License-Identifier: MIT */
#include "../../unit.h"
#include "qmgr/inspect/shape_text.h"

enum {
	MINUTE = 60,
	TEXT_MAXIMUM = 100000
};

static const struct shape_ages doubling = {.count = 10, .first = 5 * MINUTE};
static const struct shape_ages linear = {
    .count = 3, .first = 10 * MINUTE, .linear = true};

static void
test_ages(void **state UNUSED)
{
	static const struct {
		const struct shape_ages *ages;
		int64_t seconds;
		size_t want;
	} cases[] = {
	    {&doubling, -1, 0},
	    {&doubling, 0, 0},
	    {&doubling, 299, 0},
	    {&doubling, 300, 1},
	    {&doubling, 600, 2},
	    {&doubling, 1280 * MINUTE - 1, 8},
	    {&doubling, 1280 * MINUTE, 9},
	    {&doubling, INT64_MAX / 2, 9},
	    {&linear, 599, 0},
	    {&linear, 1199, 1},
	    {&linear, 1200, 2},
	    {&linear, 100000, 2},
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++)
		assert_int_equal(
		    shape_age(cases[i].ages, cases[i].seconds), cases[i].want);
}

static void
test_numbers(void **state UNUSED)
{
	static const struct {
		uint64_t number;
		size_t width;
		const char *want;
	} cases[] = {
	    {0, 3, "0"},
	    {999, 3, "999"},
	    {1000, 3, "1k"},
	    {12345, 5, "12345"},
	    {123456, 5, "123k"},
	    {999999, 4, "999k"},
	    {1234567, 4, "1M"},
	    {12345678, 5, "12M"},
	    {UINT64_MAX, 5, "18E"},
	};

	char text[SHAPE_NUMBER_SIZE];

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		shape_number(cases[i].number, cases[i].width, text);
		assert_string_equal(text, cases[i].want);
	}
}

static void
fill(struct shape *shape)
{
	shape_init(shape, &doubling, 3);
	for (int i = 0; i < 12; i++)
		shape_add(shape, SPAN("One.Example"), i * 100);
	shape_add(shape, SPAN("b.example"), 0);
	shape_add(shape, SPAN("a.example"), 100000);
	shape_add(shape, SPAN("fourth.example"), 0);
	shape_add(shape, SPAN("one.example"), 0);
}

static void
test_rows(void **state UNUSED)
{
	struct shape shape;
	const struct shape_row **rows;
	size_t count;

	fill(&shape);
	rows = shape_sort(&shape, &count);
	assert_int_equal(count, 3);
	assert_string_equal(rows[0]->domain, "one.example");
	assert_int_equal(rows[0]->total, 13);
	assert_int_equal(rows[0]->by_age[0], 4);
	assert_string_equal(rows[1]->domain, "a.example");
	assert_string_equal(rows[2]->domain, "b.example");
	assert_true(shape.has_others);
	assert_int_equal(shape.others->total, 1);
	assert_int_equal(shape.total->total, 16);
	free(rows);
	shape_finish(&shape);
}

/* clang-format off */
static const char table[] =
"                                          T 5 10 20 40 80 160 320 640 1280 1280+\n"
"                                   TOTAL 16 6  3  6  0  0   0   0   0    0     1\n"
"                             one.example 13 4  3  6  0  0   0   0   0    0     0\n"
"                             (2+ others)  3 2  0  0  0  0   0   0   0    0     1\n";

static const char chart[] =
"    < 5 min |########################################################## 6\n"
"   < 10 min |############################# 3\n"
"   < 20 min |########################################################## 6\n"
"   < 40 min | 0\n"
"   < 80 min | 0\n"
"  < 160 min | 0\n"
"  < 320 min | 0\n"
"  < 640 min | 0\n"
" < 1280 min | 0\n"
">= 1280 min |########## 1\n";

/* clang-format on */

static void
test_texts(void **state UNUSED)
{
	struct shape shape;
	struct buf out;

	fill(&shape);
	buf_init(&out, TEXT_MAXIMUM);
	shape_table(&shape, 1, &out);
	assert_span(buf_span(&out), table);
	buf_clear(&out);
	shape_chart(&shape, false, &out);
	assert_span(buf_span(&out), chart);
	buf_clear(&out);
	shape_chart(&shape, true, &out);
	assert_non_null(strstr(buf_text(&out), "\xe2\x96\x88 6\n"));
	assert_non_null(strstr(buf_text(&out), "\xe2\x96\x8b 1\n"));
	buf_finish(&out);
	shape_finish(&shape);
}

/* Whatever the numbers and names are, 80 columns do. */
static void
test_width(void **state UNUSED)
{
	struct shape shape;
	struct span rest, line;
	char domain[600];
	struct buf out;

	memset(domain, 'x', sizeof domain);
	domain[5] = '\x1b';
	shape_init(&shape, &doubling, 100);
	shape_add(&shape, span_of(domain, sizeof domain), 0);
	shape_add(&shape, span_of(domain, 30), 0);
	for (size_t i = 0; i < SHAPE_AGES_MAXIMUM; i++)
		shape.total->by_age[i] = UINT64_MAX / 16;
	shape.total->total = UINT64_MAX;
	buf_init(&out, TEXT_MAXIMUM);
	shape_table(&shape, 10, &out);
	shape_chart(&shape, false, &out);
	assert_null(strchr(buf_text(&out), '\x1b'));
	rest = buf_span(&out);
	while (rest.len > 0) {
		span_split(rest, '\n', &line, &rest);
		assert_true(line.len <= SHAPE_TEXT_WIDTH);
	}
	buf_finish(&out);
	shape_finish(&shape);
}

/* Names stand under one another, and none is cut within a character. */
static void
test_characters(void **state UNUSED)
{
	const struct shape_ages long_ages = {
	    .count = SHAPE_AGES_MAXIMUM, .first = INT64_C(60000000)};
	struct shape shape;
	struct buf out;

	shape_init(&shape, &doubling, 100);
	shape_add(&shape, SPAN("b\xc3\xbc.example"), 0);
	buf_init(&out, TEXT_MAXIMUM);
	shape_table(&shape, 10, &out);
	assert_non_null(strstr(buf_text(&out),
	    "\n                               b\xc3\xbc.example 1 1 "));
	shape_finish(&shape);
	buf_clear(&out);
	shape_init(&shape, &long_ages, 100);
	shape_add(&shape,
	    SPAN("bb\xc3\xbc\xc3\xbc"
		 "123.org"),
	    0);
	shape_table(&shape, 10, &out);
	assert_non_null(strstr(buf_text(&out),
	    "\n..\xc3\xbc"
	    "123.org 1  "));
	buf_finish(&out);
	shape_finish(&shape);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_ages),
	    cmocka_unit_test(test_numbers),
	    cmocka_unit_test(test_rows),
	    cmocka_unit_test(test_texts),
	    cmocka_unit_test(test_width),
	    cmocka_unit_test(test_characters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
