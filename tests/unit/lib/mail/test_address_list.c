/* SPDX-License-Identifier: MIT */
#include "lib/mail/address_list.h"

#include "../../unit.h"

enum {
	MEMORY = 1 << 20,
	MANY = 100000
};

/* What the walk gives, one element after the other: "name|address|source;" for
 * an address, "!source;" for what is none. */
static const struct {
	const char *text;
	const char *want;
} lists[] = {
    {"", ""},
    {" , ,, ", ""},
    {"a@b", "|a@b|a@b;"},
    {"a@b, c@d ,e", "|a@b|a@b;|c@d|c@d;|e|e;"},
    {"a@b; c@d", "|a@b|a@b;|c@d|c@d;"},
    {"Full Name <a@b>", "Full Name|a@b|a@b;"},
    {"\"Last, First\" <a@b>, c@d", "Last, First|a@b|a@b;|c@d|c@d;"},
    {"\"q\\\"x\\\\\" <a@b>", "q\"x\\|a@b|a@b;"},
    {"Joe Q. Public <a@b>", "Joe Q. Public|a@b|a@b;"},
    {"<a@b>", "|a@b|a@b;"},
    {"< a@b >", "|a@b|a@b;"},
    {"<>", "|||;"},
    {"a@b (Full Name)", "|a@b|a@b;"},
    {"(c (nested \\) (deep))) a@b(x)", "|a@b|a@b;"},
    {"a (c) @ (d) b (e) . c", "|a@b.c|a (c) @ (d) b (e) . c;"},
    {"Na(comment)me <a@b>", "Na me|a@b|a@b;"},
    {"folded\r\n name <a@\r\n b>", "folded name|a@b|a@\r\n b;"},
    {"Pete(A nice \\) chap) <pete(his account)@silly.test(his host)>",
	"Pete|pete@silly.test|pete(his account)@silly.test;"},
    {"A Group(Some people):Chris Jones <c@(Chris's host.)public.example>,"
     "joe@example.org, John <jdoe@one.test> (my dear friend); (the end)",
	"Chris Jones|c@public.example|c@(Chris's host.)public.example;"
	"|joe@example.org|joe@example.org;John|jdoe@one.test|jdoe@one.test;"},
    {"undisclosed-recipients:;", ""},
    {"(empty list)(start)Hidden recipients  :(nobody(that I know))  ;", ""},
    {"<@one,@two:a@b>", "|a@b|a@b;"},
    {"<@one , , @two : a@b>", "|a@b|a@b;"},
    {"\"a b\"@c", "|a b@c|\"a b\"@c;"},
    {"\"a\r\n b\"@c", "|a b@c|\"a\r\n b\"@c;"},
    {"a@[1.2.3.4]", "|a@[1.2.3.4]|a@[1.2.3.4];"},
    {"a@[IPv6:::1], b@c", "|a@[IPv6:::1]|a@[IPv6:::1];|b@c|b@c;"},
    {"a@b.", "|a@b|a@b.;"},
    {"a..b@c", "|a..b@c|a..b@c;"},
    {"\xd0\xb9@c", "|\xd0\xb9@c|\xd0\xb9@c;"},
    /* what cannot be read costs only itself */
    {"a b@c, d@e", "!a b@c;|d@e|d@e;"},
    {"a@b c@d", "!a@b c@d;"},
    {"a@b <c@d> e", "!a@b <c@d> e;"},
    {"<a@b> <c@d>", "!<a@b> <c@d>;"},
    {"x <a@>, d@e", "!x <a@>;|d@e|d@e;"},
    {"a@-b, d@e", "!a@-b;|d@e|d@e;"},
    {"<a@b, c@d", "!<a@b, c@d;"},
    {"\"a, b@c", "!\"a, b@c;"},
    {"(a, b@c", "!(a, b@c;"},
    {"x (a, b@c", "!x (a, b@c;"},
    {"a@[1.2, b@c", "!a@[1.2, b@c;"},
    {"a\\", "!a\\;"},
    {"\x01, a@b", "!\x01;|a@b|a@b;"},
};

static void
append_result(struct buf *out, enum address_list_result result,
    const struct address_list_entry *entry)
{
	if (result == ADDRESS_LIST_BAD)
		buf_append_byte(out, '!');
	else
		buf_printf(out, "%.*s|%.*s|", SPAN_ARGS(entry->name),
		    SPAN_ARGS(entry->address.text));
	buf_append_span(out, entry->source);
	if (mail_address_is_null(&entry->address) &&
	    result == ADDRESS_LIST_FOUND)
		buf_append_byte(out, '|');
	buf_append_byte(out, ';');
}

static void
test_walk(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(lists); i++) {
		struct pool *pool = pool_create(NULL, "test", MEMORY);
		struct address_list list;
		struct address_list_entry entry;
		struct error error;
		struct buf out;
		enum address_list_result result;

		buf_init(&out, 1000);
		address_list_init(&list, span_text(lists[i].text), 100);
		while ((result = address_list_next(
			    &list, pool, &entry, &error)) != ADDRESS_LIST_END)
			append_result(&out, result, &entry);
		assert_span(buf_span(&out), lists[i].want);
		buf_finish(&out);
		pool_destroy(pool);
	}
}

static void
test_maximum(void **state UNUSED)
{
	struct pool *pool = pool_create(NULL, "test", MEMORY);
	struct address_list list;
	struct address_list_entry entry;
	struct error error;

	address_list_init(&list, SPAN("a,b,c"), 2);
	assert_int_equal(
	    address_list_next(&list, pool, &entry, &error), ADDRESS_LIST_FOUND);
	assert_int_equal(
	    address_list_next(&list, pool, &entry, &error), ADDRESS_LIST_FOUND);
	assert_int_equal(
	    address_list_next(&list, pool, &entry, &error), ADDRESS_LIST_LIMIT);
	assert_int_equal(error.kind, ERROR_LIMIT);
	assert_int_equal(
	    address_list_next(&list, pool, &entry, &error), ADDRESS_LIST_END);
	pool_destroy(pool);
}

static void
test_pool_is_full(void **state UNUSED)
{
	struct pool *pool = pool_create(NULL, "test", 1);
	struct address_list list;
	struct address_list_entry entry;
	struct error error;

	address_list_init(&list, SPAN("a@b, c@d"), 10);
	assert_int_equal(
	    address_list_next(&list, pool, &entry, &error), ADDRESS_LIST_LIMIT);
	assert_int_equal(
	    address_list_next(&list, pool, &entry, &error), ADDRESS_LIST_END);
	pool_destroy(pool);
}

/* ATK 67: shapes that would hurt a recursive or backtracking reader. */
static const char *const shapes[] = {
    "(", "\"", "<", "[", ":", ";", ",", "a:", "(a)", "<@a,", "\\", "a@"};

static void
test_hostile_shapes_are_linear(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(shapes); i++) {
		struct pool *pool = pool_create(NULL, "test", MEMORY);
		struct address_list list;
		struct address_list_entry entry;
		struct buf text;
		unsigned found = 0;

		buf_init(&text, 10 * MANY);
		for (size_t n = 0; n < MANY; n++)
			assert_true(buf_append_text(&text, shapes[i]));
		address_list_init(&list, buf_span(&text), 10);
		while (address_list_next(&list, pool, &entry, NULL) !=
		    ADDRESS_LIST_END)
			found++;
		assert_in_range(found, 0, 11);
		buf_finish(&text);
		pool_destroy(pool);
	}
}

static const struct {
	const char *name;
	const char *address;
	const char *want;
} written[] = {
    {"", "a@b", "a@b"},
    {"Full Name", "a@b", "Full Name <a@b>"},
    {"Last, First", "a b@c", "\"Last, First\" <\"a b\"@c>"},
    {"q\"x\\", "a@b", "\"q\\\"x\\\\\" <a@b>"},
    {"Bad\r\nBcc: x", "a@b", "\"Bad  Bcc: x\" <a@b>"},
};

static void
test_append(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(written); i++) {
		struct buf out;

		buf_init(&out, 100);
		assert_true(address_list_append(&out,
		    span_text(written[i].name), span_text(written[i].address)));
		assert_span(buf_span(&out), written[i].want);
		buf_finish(&out);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_walk),
	    cmocka_unit_test(test_maximum),
	    cmocka_unit_test(test_pool_is_full),
	    cmocka_unit_test(test_hostile_shapes_are_linear),
	    cmocka_unit_test(test_append),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
