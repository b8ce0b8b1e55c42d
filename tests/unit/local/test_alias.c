/* SPDX-License-Identifier: MIT */
#include "lib/base/buf.h"

#include "../unit.h"
#include "local/alias.h"

enum {
	POOL_MAXIMUM = 16 << 20
};

static const struct {
	const char *value;
	enum alias_result result;
	const char *want; /* members, each in brackets, or part of the words */
} cases[] = {
    {"joe", ALIAS_EXPANDED, "[joe]"},
    {"joe, ann@example.org", ALIAS_EXPANDED, "[joe][ann@example.org]"},
    {"Joe Doe <joe@x.example>", ALIAS_EXPANDED, "[joe@x.example]"},
    {"\"a b\"@x.example", ALIAS_EXPANDED, "[a b@x.example]"},
    {"joe, JOE, Joe@x, joe@X", ALIAS_EXPANDED, "[joe][Joe@x]"},
    {"\\joe, joe", ALIAS_EXPANDED, "[\\joe][joe]"},
    {"|/bin/true", ALIAS_BAD, "names a command"},
    {"joe, \"|/bin/true x\"", ALIAS_BAD, "names a command"},
    {"/var/mail/x", ALIAS_BAD, "names a file"},
    {":include:/etc/list", ALIAS_BAD, "names an :include: list"},
    {"", ALIAS_BAD, "has no members"},
    {" , ", ALIAS_BAD, "has no members"},
    {"\"open", ALIAS_BAD, "no closing quote"},
};

static void
describe(const struct alias_expansion *expansion, struct buf *out)
{
	for (size_t i = 0; i < expansion->count; i++)
		buf_printf(out, "[%.*s]", SPAN_ARGS(expansion->members[i]));
}

static void
test_parse(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct pool *pool = pool_create(NULL, "test", POOL_MAXIMUM);
		struct alias_expansion expansion;
		struct error error;
		struct buf out;

		print_message("%s\n", cases[i].value);
		buf_init(&out, 1000);
		assert_int_equal(
		    alias_parse(pool, SPAN("staff"), span_text(cases[i].value),
			&expansion, &error),
		    cases[i].result);
		if (cases[i].result == ALIAS_EXPANDED) {
			describe(&expansion, &out);
			assert_span(buf_span(&out), cases[i].want);
		} else {
			assert_non_null(strstr(error.text, cases[i].want));
		}
		buf_finish(&out);
		pool_destroy(pool);
	}
}

static enum alias_result
parse_many(size_t count, size_t maximum)
{
	struct pool *pool = pool_create(NULL, "test", maximum);
	struct alias_expansion expansion;
	enum alias_result result;
	struct error error;
	struct buf value;

	buf_init(&value, 1 << 20);
	for (size_t i = 0; i < count; i++)
		buf_printf(&value, "u%zu,", i);
	result = alias_parse(
	    pool, SPAN("all"), buf_span(&value), &expansion, &error);
	if (result == ALIAS_EXPANDED)
		assert_int_equal(expansion.count, count);
	else
		assert_non_null(strstr(error.text, "too large"));
	buf_finish(&value);
	pool_destroy(pool);
	return result;
}

static void
test_limits(void **state UNUSED)
{
	assert_int_equal(
	    parse_many(ALIAS_MEMBERS_MAXIMUM, POOL_MAXIMUM), ALIAS_EXPANDED);
	assert_int_equal(
	    parse_many(ALIAS_MEMBERS_MAXIMUM + 1, POOL_MAXIMUM), ALIAS_BAD);
	assert_int_equal(parse_many(5000, 65536), ALIAS_BAD);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_parse),
	    cmocka_unit_test(test_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
