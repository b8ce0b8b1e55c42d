/* SPDX-License-Identifier: MIT */
#include "lib/param/feedback.h"

#include "../../unit.h"

static const struct {
	const char *text;
	double number; /* -1 = refused */
	enum feedback_divisor divisor;
} cases[] = {
    {"1", 1, FEEDBACK_BY_NOTHING},
    {"0", 0, FEEDBACK_BY_NOTHING},
    {"0.5", 0.5, FEEDBACK_BY_NOTHING},
    {".25", 0.25, FEEDBACK_BY_NOTHING},
    {"1.", 1, FEEDBACK_BY_NOTHING},
    {" 1 ", 1, FEEDBACK_BY_NOTHING},
    {"1/concurrency", 1, FEEDBACK_BY_CONCURRENCY},
    {"0.5 / concurrency", 0.5, FEEDBACK_BY_CONCURRENCY},
    {"1 / sqrt_concurrency", 1, FEEDBACK_BY_ROOT},
    {"", -1, FEEDBACK_BY_NOTHING},
    {".", -1, FEEDBACK_BY_NOTHING},
    {"1.5", -1, FEEDBACK_BY_NOTHING},
    {"2", -1, FEEDBACK_BY_NOTHING},
    {"-1", -1, FEEDBACK_BY_NOTHING},
    {"1e-3", -1, FEEDBACK_BY_NOTHING},
    {"nan", -1, FEEDBACK_BY_NOTHING},
    {"0.5.5", -1, FEEDBACK_BY_NOTHING},
    {"1/2", -1, FEEDBACK_BY_NOTHING},
    {"1/", -1, FEEDBACK_BY_NOTHING},
    {"/concurrency", -1, FEEDBACK_BY_NOTHING},
    {"1/concurrency/concurrency", -1, FEEDBACK_BY_NOTHING},
    {"1/Concurrency", -1, FEEDBACK_BY_NOTHING},
    {"99999999999999999999999999", -1, FEEDBACK_BY_NOTHING},
};

static void
test_parse(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct feedback feedback;
		bool good = feedback_parse(span_text(cases[i].text), &feedback);

		assert_int_equal(good, cases[i].number >= 0);
		if (!good)
			continue;
		assert_true(feedback.number == cases[i].number);
		assert_int_equal(feedback.divisor, cases[i].divisor);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_parse),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
