/* SPDX-License-Identifier: MIT */
#include "../unit.h"
#include "pickup/submitter.h"

static const struct {
	const char *users;
	const char *name;
	bool listed;
} lists[] = {
    {"static:anyone", "joe", true},
    {"static:anyone", "unknown", true},
    {"", "joe", false},
    {"joe", "joe", true},
    {"joe", "joey", false},
    {"ann, joe", "joe", true},
    {"!joe, static:all", "joe", false},
    {"!joe, static:all", "ann", true},
    {"joe !joe", "joe", true},
    {"!static:all", "joe", false},
    {"JOE", "joe", true},
};

static void
test_listed(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(lists); i++) {
		print_message("%s / %s\n", lists[i].users, lists[i].name);
		assert_int_equal(submitter_is_listed(span_text(lists[i].users),
				     span_text(lists[i].name)),
		    lists[i].listed);
	}
}

static const struct {
	const char *users;
	bool good;
} checks[] = {
    {"static:anyone", true},
    {"!joe ann, static:anyone", true},
    {"", true},
    {"hash:/etc/users", false},
    {"joe, /etc/users", false},
    {"!/etc/users", false},
};

static void
test_check(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(checks); i++) {
		struct error error;

		assert_int_equal(
		    submitter_check_list(span_text(checks[i].users), &error),
		    checks[i].good);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_listed),
	    cmocka_unit_test(test_check),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
