/* SPDX-License-Identifier: MIT */
#include "lib/route/masquerade.h"

#include "../../unit.h"

static const struct {
	const char *list;
	const char *domain;
	const char *want;
} cases[] = {
    {"", "a.example.com", "a.example.com"},
    {"example.com", "a.example.com", "example.com"},
    {"example.com", "b.a.Example.COM", "Example.COM"},
    {"example.com", "example.com", "example.com"},
    {"example.com", "notexample.com", "notexample.com"},
    {"example.com", "example.org", "example.org"},
    {"example.com", "", ""},
    /* the first that is above decides */
    {"a.example.com, example.com", "b.a.example.com", "a.example.com"},
    {"example.com a.example.com", "b.a.example.com", "example.com"},
    {"a.example.com example.com", "a.example.com", "a.example.com"},
    {"!a.example.com, example.com", "b.a.example.com", "b.a.example.com"},
    {"!a.example.com, example.com", "b.example.com", "example.com"},
    {"!!example.com", "a.example.com", "example.com"},
    {"!, example.com", "a.example.com", "example.com"},
};

static void
test_table(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		assert_span(masquerade_domain(span_text(cases[i].list),
				span_text(cases[i].domain)),
		    cases[i].want);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
