/* SPDX-License-Identifier: MIT */
#include "fixture.h"

#define MAPS(entries) "virtual_alias_maps = inline:{" entries "}\n"

/* Results are joined by blanks; "!" is a failure. */
static const struct {
	const char *settings;
	const char *recipient;
	const char *want;
} expansions[] = {
    {"", "ann@example.com", "ann@example.com"},
    {MAPS("a@v=b@x"), "a@v", "b@x"},
    {MAPS("a@v=b@x"), "A@V", "b@x"},
    {MAPS("{a@v=b@x, c@x,d@x}"), "a@v", "b@x c@x d@x"},
    {MAPS("{a@v=b, c@x}"), "a@v", "b@mx.example.com c@x"},
    {MAPS("a@v=b@v b@v=c@v c@v=d@x"), "a@v", "d@x"},
    {MAPS("{a@v=b@v, c@v} {b@v=d@x, e@x} {c@v=e@x, f@x}"), "a@v",
	"d@x e@x f@x"},
    /* the alias itself ends there */
    {MAPS("{a@v=a@v, b@x}"), "a@v", "a@v b@x"},
    {MAPS("{a@v=a@v, A@V, b@x}"), "a@v", "a@v b@x"},
    {MAPS("a@v=b@v b@v=b@v"), "a@v", "b@v"},
    /* loops */
    {MAPS("a@v=b@v b@v=a@v"), "a@v", "!"},
    {MAPS("{a@v=b@v, c@x} b@v=a@v"), "a@v", "c@x"},
    {MAPS("{a@v=a@v, b@v} {b@v=a@v, b@v}"), "a@v", "a@v b@v"},
    /* keys without domain, for domains of our own */
    {MAPS("ann=b@x"), "ann@example.com", "b@x"},
    {MAPS("ann=b@x"), "ann@mx.example.com", "b@x"},
    {MAPS("ann=b@x"), "ann@other", "ann@other"},
    {MAPS("ann=b@x") "myorigin = other\n", "ann@other", "b@x"},
    /* catch-all, and the same user elsewhere */
    {MAPS("@v=b@x"), "a@v", "b@x"},
    {MAPS("@v=@x.example"), "a@v", "a@x.example"},
    {MAPS("@v=@x.example") "recipient_delimiter = +\n", "a+e@v",
	"a+e@x.example"},
    /* extensions go on */
    {MAPS("a@v=b@x") "recipient_delimiter = +\n", "a+e@v", "b+e@x"},
    {MAPS("{a@v=b@x, c}") "recipient_delimiter = +\n", "a+e@v",
	"b+e@x c+e@mx.example.com"},
    {MAPS("a+e@v=b@x") "recipient_delimiter = +\n", "a+e@v", "b@x"},
    {MAPS("a@v=b@x") "recipient_delimiter = +\n"
		     "propagate_unmatched_extensions = canonical\n",
	"a+e@v", "b@x"},
    {MAPS("a@v=b@x"), "a+e@v", "a+e@v"},
    /* syntax of the value */
    {MAPS("{a@v=Bob <b@x>, \"c d\"@x}"), "a@v", "b@x c d@x"},
    {MAPS("{a@v=b@x, , c@x,}"), "a@v", "b@x c@x"},
    {MAPS("{a@v=b@x, <c@}"), "a@v", "!"},
    {MAPS("{a@v=<>}"), "a@v", "!"},
    /* tables without an answer */
    {"virtual_alias_maps = fail:x\nvirtual_alias_domains =\n", "a@v", "!"},
    {MAPS("a@v=b@x") "mydestination = fail:x\n", "a@v", "!"},
    /* limits */
    {MAPS("{a@v=b@x, c@x, d@x}") "virtual_alias_expansion_limit = 4\n", "a@v",
	"b@x c@x d@x"},
    {MAPS("{a@v=b@x, c@x, d@x}") "virtual_alias_expansion_limit = 3\n", "a@v",
	"!"},
    {MAPS("a@v=b@v b@v=c@v") "virtual_alias_recursion_limit = 2\n", "a@v",
	"c@v"},
    {MAPS("a@v=b@v b@v=c@v") "virtual_alias_recursion_limit = 1\n", "a@v", "!"},
};

static void
describe(struct fixture *fixture, size_t i, struct buf *out)
{
	struct error error;
	struct route_expansion expansion;

	if (!route_expand_virtual(fixture->route, fixture->pool,
		span_text(expansions[i].recipient), &expansion, &error)) {
		assert_true(error.text[0] != '\0');
		assert_true(buf_append_byte(out, '!'));
		return;
	}
	for (size_t n = 0; n < expansion.count; n++)
		assert_true(buf_printf(out, "%s%.*s", n > 0 ? " " : "",
		    SPAN_ARGS(expansion.recipients[n])));
}

static void
test_expand(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(expansions); i++) {
		struct fixture fixture;
		struct buf out;

		fixture_open(&fixture, expansions[i].settings);
		buf_init(&out, 10000);
		describe(&fixture, i, &out);
		assert_span(buf_span(&out), expansions[i].want);
		buf_finish(&out);
		fixture_close(&fixture);
	}
}

static void
test_small_pool(void **state UNUSED)
{
	struct fixture fixture;
	struct pool *small = pool_create(NULL, "small", 1);
	struct error error;
	struct route_expansion expansion;

	fixture_open(&fixture, "");
	assert_false(route_expand_virtual(
	    fixture.route, small, SPAN("a@v"), &expansion, &error));
	assert_int_equal(error.kind, ERROR_LIMIT);
	fixture_close(&fixture);
	pool_destroy(small);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_expand),
	    cmocka_unit_test(test_small_pool),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
