/* SPDX-License-Identifier: MIT */
#include "lib/base/buf.h"
#include "lib/table/alias_value.h"

#include "../../unit.h"

/* Members are written as a letter for the kind (Address, Command, File,
 * Include) and the text in brackets; a bad one as "!". */
static const struct {
	const char *value;
	const char *want;
} values[] = {
    {"", ""},
    {" , ,", ""},
    {"joe", "A[joe]"},
    {"joe, ann@x ,bob", "A[joe]A[ann@x]A[bob]"},
    {"Joe <joe@x>, (a, b) ann", "A[Joe <joe@x>]A[(a, b) ann]"},
    {"\"a, b\"@x, c", "A[\"a, b\"@x]A[c]"},
    {"\"a b\"", "A[\"a b\"]"},
    {"|/bin/prog", "C[/bin/prog]"},
    {"\"|/bin/prog a, b\", c", "C[/bin/prog a, b]A[c]"},
    {"\"|say \\\"x\\\"\"", "C[say \"x\"]"},
    {"\"| spaced \"", "C[spaced]"},
    {"/var/mail/x", "F[/var/mail/x]"},
    {"\"/var/mail/a b\"", "F[/var/mail/a b]"},
    {":include:/etc/list", "I[/etc/list]"},
    {":Include: /etc/list , x", "I[/etc/list]A[x]"},
    {"\":include:/etc/a b\"", "I[/etc/a b]"},
    {"\"|prog\"@x", "A[\"|prog\"@x]"},
    {"\"/file\"@x", "A[\"/file\"@x]"},
    {"\\joe", "A[\\joe]"},
    {"a\\,b", "A[a\\,b]"},
    {"|", "!"},
    {":include:, a", "!A[a]"},
    {"\"open, a", "!"},
    {"a), b", "A[a)]A[b]"},
    {"a\\", "A[a\\]"},
};

static void
describe(struct pool *pool, struct span rest, struct buf *out)
{
	struct alias_member member;
	struct error error;
	enum alias_value_result result;

	while ((result = alias_value_next(pool, &rest, &member, &error)) !=
	    ALIAS_VALUE_END) {
		if (result == ALIAS_VALUE_MEMBER)
			buf_printf(out, "%c[%.*s]", "ACFI"[member.kind],
			    SPAN_ARGS(member.text));
		else
			buf_append_byte(out, '!');
	}
}

static void
test_members(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(values); i++) {
		struct pool *pool = pool_create(NULL, "test", 10000);
		struct buf out;

		buf_init(&out, 1000);
		describe(pool, span_text(values[i].value), &out);
		assert_span(buf_span(&out), values[i].want);
		buf_finish(&out);
		pool_destroy(pool);
	}
}

static void
test_small_pool(void **state UNUSED)
{
	struct pool *pool = pool_create(NULL, "test", 1);
	struct span rest = SPAN("abcdefgh");
	struct alias_member member;
	struct error error;

	assert_int_equal(
	    alias_value_next(pool, &rest, &member, &error), ALIAS_VALUE_LIMIT);
	assert_int_equal(error.kind, ERROR_LIMIT);
	pool_destroy(pool);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_members),
	    cmocka_unit_test(test_small_pool),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
