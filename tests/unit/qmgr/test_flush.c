/* SPDX-License-Identifier: MIT */
#include "../unit.h"
#include "qmgr/flush.h"

static const struct {
	struct span address;
	struct span site;
	bool want;
} cases[] = {
    {{"a@one.example", 13}, {"one.example", 11}, true},
    {{"a@One.Example", 13}, {"oNE.example", 11}, true},
    {{"a@one.example", 13}, {"example", 7}, false},
    {{"a@sub.one.example", 17}, {"one.example", 11}, false},
    {{"\"a@b\"@one.example", 17}, {"one.example", 11}, true},
    {{"a@[192.0.2.1]", 13}, {"[192.0.2.1]", 11}, true},
    {{"a@[192.0.2.1]", 13}, {"192.0.2.1", 9}, false},
    {{"one.example", 11}, {"one.example", 11}, false},
    {{"a@xn--4gq.example", 17}, {"\xe4\xb8\x80.example", 11}, true},
    {{"a@\xe4\xb8\x80.example", 13}, {"xn--4gq.example", 15}, true},
    {{"a@", 2}, {"", 0}, true},
    {{"", 0}, {"", 0}, false},
};

static void
test_sites(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		assert_int_equal(
		    flush_is_in_site(cases[i].address, cases[i].site),
		    cases[i].want);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_sites),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
