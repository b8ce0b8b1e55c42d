/* SPDX-License-Identifier: MIT */
/* address_complete and address_find. */
#include "lib/route/address_complete.h"
#include "lib/route/address_find.h"

#include "fixture.h"

#define BUECHER     \
	"b\xc3\xbc" \
	"cher"

static const struct {
	const char *settings;
	const char *address;
	const char *want;
} completions[] = {
    {"", "", ""},
    {"", "ann", "ann@mx.example.com"},
    {"", "ann@x.example", "ann@x.example"},
    {"", "ann@x.example.", "ann@x.example"},
    {"", "ann@x..", "ann@x.."},
    {"", "ann@", "ann@"},
    {"", "@x.example", "@x.example"},
    {"", "ann@host", "ann@host"},
    {"append_dot_mydomain = yes\n", "ann@host", "ann@host.example.com"},
    {"append_dot_mydomain = yes\n", "ann@[192.0.2.1]", "ann@[192.0.2.1]"},
    {"append_dot_mydomain = yes\n", "ann@", "ann@"},
    {"myorigin = $mydomain\n", "ann", "ann@example.com"},
    {"append_at_myorigin = no\n", "ann", "ann"},
    {"", "site!ann", "ann@site"},
    {"", "a!b!ann", "b!ann@a"},
    {"", "ann%x.example", "ann@x.example"},
    {"", "ann%a%b", "ann%a@b"},
    {"", "ann%a@b", "ann%a@b"},
    {"", "!ann", "!ann@mx.example.com"},
    {"", "ann!", "ann!@mx.example.com"},
    {"", "%ann", "%ann@mx.example.com"},
    {"", "ann%", "ann%@mx.example.com"},
    {"swap_bangpath = no\n", "site!ann", "site!ann@mx.example.com"},
    {"allow_percent_hack = no\n", "ann%b", "ann%b@mx.example.com"},
};

static void
test_complete(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(completions); i++) {
		struct fixture fixture;
		struct buf out;

		fixture_load(&fixture, completions[i].settings);
		buf_init(&out, 1000);
		assert_true(address_complete(
		    &fixture.common, span_text(completions[i].address), &out));
		assert_span(buf_span(&out), completions[i].want);
		buf_finish(&out);
		pool_destroy(fixture.pool);
	}
}

static void
test_complete_is_bounded(void **state UNUSED)
{
	struct fixture fixture;
	struct buf out;

	fixture_load(&fixture, "");
	buf_init(&out, 10);
	assert_false(address_complete(&fixture.common, SPAN("ann"), &out));
	buf_finish(&out);
	pool_destroy(fixture.pool);
}

/* Every key gives itself; the first of those that are there is found. */
static const struct {
	const char *delimiters;
	const char *address;
	const char *options; /* "u" with_user, "d" with_domain */
	const char *tables;
	const char *want; /* "key extension", or "-" */
} finds[] = {
    {"", "a@x", "", "inline:{a@x=1}", "1 "},
    {"", "A@X", "", "inline:{a@x=1}", "1 "},
    {"", "a@x", "", "inline:{a=1, @x=2}", "-"},
    {"", "a@x", "ud", "inline:{a=1, @x=2}", "1 "},
    {"", "a@x", "d", "inline:{a=1, @x=2}", "2 "},
    {"+", "a+b@x", "ud", "inline:{a+b@x=1,a@x=2,a+b=3,a=4,@x=5}", "1 "},
    {"+", "a+b@x", "ud", "inline:{a@x=2,a+b=3,a=4,@x=5}", "2 +b"},
    {"+", "a+b@x", "ud", "inline:{a+b=3,a=4,@x=5}", "3 "},
    {"+", "a+b@x", "ud", "inline:{a=4,@x=5}", "4 +b"},
    {"+", "a+b@x", "ud", "inline:{@x=5}", "5 "},
    {"+", "a+b@x", "d", "inline:{a+b=3,a=4}", "-"},
    {"-+", "a+b-c@x", "u", "inline:{a=4}", "4 +b-c"},
    {"", "a+b@x", "ud", "inline:{a@x=2,a=4}", "-"},
    {"+", "+b@x", "ud", "inline:{@x=5}", "5 "},
    {"-", "owner-list@x", "u", "inline:{owner=1}", "-"},
    {"-", "list-request@x", "u", "inline:{list=1}", "-"},
    {"-", "list-other@x", "u", "inline:{list=1}", "1 -other"},
    {"+", "a@x", "u", "inline:{b=1} fail:x inline:{a=1}", "?"},
    {"+", "a@x", "u", "", "-"},
    {"+", "", "ud", "static:all", "-"},
    {"", "a@" BUECHER, "d", "inline:{a@xn--bcher-kva=1}", "1 "},
    {"+", "a+b@xn--bcher-kva", "d", "inline:{a@" BUECHER "=1}", "1 +b"},
    {"", "a@" BUECHER, "d", "inline:{@xn--bcher-kva=1,a@" BUECHER "=2}", "2 "},
};

static void
test_find(void **state UNUSED)
{
	static const char *const words[] = {"-", NULL, "?"};

	for (size_t i = 0; i < COUNT_OF(finds); i++) {
		struct fixture fixture;
		struct error error;
		struct span extension;
		struct buf value;
		struct table_list *tables;
		enum table_result result;

		fixture_load(&fixture, "");
		fixture.common.recipient_delimiter = finds[i].delimiters;
		tables = table_list_open(
		    span_text(finds[i].tables), NULL, NULL, &error);
		assert_non_null(tables);
		buf_init(&value, 1000);
		result = address_find(tables,
		    &(struct address_find_request){
			.params = &fixture.common,
			.address = span_text(finds[i].address),
			.with_user = strchr(finds[i].options, 'u') != NULL,
			.with_domain = strchr(finds[i].options, 'd') != NULL,
		    },
		    &value, &extension, &error);
		if (result == TABLE_FOUND) {
			buf_printf(&value, " %.*s", SPAN_ARGS(extension));
			assert_span(buf_span(&value), finds[i].want);
		} else {
			assert_string_equal(words[result], finds[i].want);
		}
		buf_finish(&value);
		table_list_close(tables);
		pool_destroy(fixture.pool);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_complete),
	    cmocka_unit_test(test_complete_is_bounded),
	    cmocka_unit_test(test_find),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
