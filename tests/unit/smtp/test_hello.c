/* SPDX-License-Identifier: MIT */
#include "../unit.h"
#include "smtp/hello.h"

static void
test_features(void **state UNUSED)
{
	static const struct {
		const char *line;
		const char *discard;
		unsigned features;
		uint64_t size;
	} cases[] = {
	    {"PIPELINING", "", FEATURE_PIPELINING, 0},
	    {"pipelining", "", FEATURE_PIPELINING, 0},
	    {"PIPELINING", "dsn, Pipelining", 0, 0},
	    {"8BITMIME", "", FEATURE_8BITMIME, 0},
	    {"DSN", "", FEATURE_DSN, 0},
	    {"SMTPUTF8", "", FEATURE_SMTPUTF8, 0},
	    {"SIZE", "", FEATURE_SIZE, 0},
	    {"SIZE 1000", "", FEATURE_SIZE, 1000},
	    {"SIZE  1000 ", "", FEATURE_SIZE, 1000},
	    {"SIZE 18446744073709551615", "", FEATURE_SIZE, UINT64_MAX},
	    {"SIZE 1180591620717411303424", "", FEATURE_SIZE, 0},
	    {"SIZE -1", "", FEATURE_SIZE, 0},
	    {"SIZE=1000", "", 0, 0},
	    {"", "", 0, 0},
	    {"   ", "", 0, 0},
	    {"XUNKNOWN with words", "", 0, 0},
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct session session = {0};

		hello_take_feature(&session, span_text(cases[i].line),
		    span_text(cases[i].discard));
		assert_int_equal(session.features, cases[i].features);
		assert_true(session.size_limit == cases[i].size);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_features),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
