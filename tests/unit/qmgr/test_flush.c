/* SPDX-License-Identifier: MIT */
#include "../unit.h"
#include "qmgr/flush.h"
#include "qmgr/transport.h"

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

static void
no_dispatch(struct transport *transport UNUSED)
{
}

/* The walk that has begun may have passed what is new; one that waits serves
 * all who ask. */
static void
test_a_site_waits_once(void **state UNUSED)
{
	struct error error;

	transport_open(no_dispatch);
	for (int i = 0; i < 100; i++)
		assert_true(flush_site(
		    i % 2 == 0 ? SPAN("a.example") : SPAN("A.example"),
		    &error));
	assert_true(flush_site(SPAN("b.example"), &error));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_sites),
	    cmocka_unit_test(test_a_site_waits_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
