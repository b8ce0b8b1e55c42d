/* SPDX-License-Identifier: MIT */
#include "lib/mail/path.h"

#include "../../unit.h"

enum {
	MEMORY = 1 << 16
};

#define LENIENT (PATH_NULL | PATH_LENIENT)

/* `local` NULL: the path is refused. */
static const struct {
	const char *text;
	unsigned flags;
	const char *local;
	const char *domain;
	const char *rest;
} paths[] = {
    /* plain */
    {"<user@example.com>", 0, "user", "example.com", ""},
    {"<user@example.com> SIZE=1", 0, "user", "example.com", " SIZE=1"},
    {"<User+tag@Example.COM>", 0, "User+tag", "Example.COM", ""},
    {"<postmaster>", 0, "postmaster", "", ""},
    {"<>", PATH_NULL, "", "", ""},
    {"<> BODY=7BIT", PATH_NULL, "", "", " BODY=7BIT"},
    {"<>", 0, NULL, NULL, NULL},
    {"<a@b>", 0, "a", "b", ""},
    {"<a@host_name.example>", 0, "a", "host_name.example", ""},
    {"<a..b.@c>", 0, "a..b.", "c", ""},
    {"<|cmd@dom>", 0, "|cmd", "dom", ""},
    {"</etc/passwd@dom>", 0, "/etc/passwd", "dom", ""},
    {"<-oQ@dom>", 0, "-oQ", "dom", ""},
    {"<a%b@c>", 0, "a%b", "c", ""},
    {"<host!user@c>", 0, "host!user", "c", ""},
    /* quoted local parts */
    {"<\"a b\"@c>", 0, "a b", "c", ""},
    {"<\"a>b\"@c> X", 0, "a>b", "c", " X"},
    {"<\"a\\\"b\\\\c\"@d>", 0, "a\"b\\c", "d", ""},
    {"<\"\"@d>", 0, "", "d", ""},
    {"<\"a@b\"@d>", 0, "a@b", "d", ""},
    {"<a.\"b c\".d@e>", 0, "a.b c.d", "e", ""},
    {"<\"a@b\">", 0, NULL, NULL, NULL},
    {"<a\"b\"@c>", 0, NULL, NULL, NULL},
    {"<\"a\"b@c>", 0, NULL, NULL, NULL},
    {"<\"a\r\nb\"@c>", 0, NULL, NULL, NULL},
    {"<\"a\\\rb\"@c>", 0, NULL, NULL, NULL},
    {"<\"a\tb\"@c>", 0, NULL, NULL, NULL},
    {"<\"a@c>", 0, NULL, NULL, NULL},
    {"<\"a\\", 0, NULL, NULL, NULL},
    {"<\"", 0, NULL, NULL, NULL},
    /* source routes */
    {"<@one:user@two>", 0, "user", "two", ""},
    {"<@one,@[1.2.3.4]:user@two> A", 0, "user", "two", " A"},
    {"<@one>", PATH_NULL, NULL, NULL, NULL},
    {"<@one,user@two>", 0, NULL, NULL, NULL},
    {"<@one:>", PATH_NULL, NULL, NULL, NULL},
    {"<@:a@b>", 0, NULL, NULL, NULL},
    {"<@-bad:a@b>", 0, NULL, NULL, NULL},
    /* address literals */
    {"<a@[1.2.3.4]>", 0, "a", "[1.2.3.4]", ""},
    {"<a@[IPv6:2001:db8::1]>", 0, "a", "[IPv6:2001:db8::1]", ""},
    {"<a@[tag:some-thing]>", 0, "a", "[tag:some-thing]", ""},
    {"<a@[1.2.3.4>", 0, NULL, NULL, NULL},
    {"<a@[1.2.3]>", 0, NULL, NULL, NULL},
    {"<a@[1.2.3.400]>", 0, NULL, NULL, NULL},
    {"<a@[IPv6:zz]>", 0, NULL, NULL, NULL},
    {"<a@[IPv6:]>", 0, NULL, NULL, NULL},
    {"<a@[]>", 0, NULL, NULL, NULL},
    {"<a@[1.2.3.4]x>", 0, NULL, NULL, NULL},
    {"<a@[", 0, NULL, NULL, NULL},
    /* domains */
    {"<a@>", 0, NULL, NULL, NULL},
    {"<@>", 0, NULL, NULL, NULL},
    {"<a@b..c>", LENIENT, NULL, NULL, NULL},
    {"<a@.b>", LENIENT, NULL, NULL, NULL},
    {"<a@->", LENIENT, NULL, NULL, NULL},
    {"<a@b@c>", LENIENT, NULL, NULL, NULL},
    {"<a@1.2.3.4>", LENIENT, NULL, NULL, NULL},
    {"<a@b.>", 0, NULL, NULL, NULL},
    {"<a@b.>", LENIENT, "a", "b", ""},
    {"<a@b..>", LENIENT, NULL, NULL, NULL},
    {"<a@.>", LENIENT, NULL, NULL, NULL},
    /* brackets and blanks */
    {"user@dom", 0, NULL, NULL, NULL},
    {"user@dom", LENIENT, "user", "dom", ""},
    {"user@dom SIZE=1", LENIENT, "user", "dom", "SIZE=1"},
    {" <a@b>", 0, NULL, NULL, NULL},
    {" <a@b>", LENIENT, "a", "b", ""},
    {"\t < a@b >\tX", LENIENT, "a", "b", "\tX"},
    {"< a@b>", 0, NULL, NULL, NULL},
    {"<a@b >", 0, NULL, NULL, NULL},
    {"< >", LENIENT, "", "", ""},
    {"<a @b>", LENIENT, NULL, NULL, NULL},
    {"<a@ b>", LENIENT, NULL, NULL, NULL},
    {"<a b@c>", LENIENT, NULL, NULL, NULL},
    {"<a@b", LENIENT, NULL, NULL, NULL},
    {"a@b>", LENIENT, NULL, NULL, NULL},
    {"<<a@b>>", LENIENT, NULL, NULL, NULL},
    {"<a@b>SIZE=1", LENIENT, NULL, NULL, NULL},
    {"<a@b>,<c@d>", LENIENT, NULL, NULL, NULL},
    {"<a(c)@b>", LENIENT, NULL, NULL, NULL},
    {"<a\\ b@c>", 0, NULL, NULL, NULL},
    {"<a\\ b@c>", LENIENT, "a b", "c", ""},
    {"<a\\", LENIENT, NULL, NULL, NULL},
    {"", LENIENT, NULL, NULL, NULL},
    {"<", LENIENT, NULL, NULL, NULL},
    {"\x01", LENIENT, NULL, NULL, NULL},
    /* UTF-8 */
    {"<j\xc3\xb6rg@b\xc3\xbc.example>", PATH_UTF8, "j\xc3\xb6rg",
	"b\xc3\xbc.example", ""},
    {"<j\xc3\xb6rg@b>", 0, NULL, NULL, NULL},
    {"<a@b\xc3\xbc>", LENIENT, NULL, NULL, NULL},
    {"<\"\xc3\xb6\"@b>", 0, NULL, NULL, NULL},
    {"<\"\xc3\xb6 x\"@b>", PATH_UTF8, "\xc3\xb6 x", "b", ""},
    {"<a\xc0\x80@b>", PATH_UTF8, NULL, NULL, NULL},     /* overlong */
    {"<a\xe2\x80\x8b@b>", PATH_UTF8, NULL, NULL, NULL}, /* zero width */
    {"<a@b\xe2\x80\xae"
     "c>",
	PATH_UTF8, NULL, NULL, NULL}, /* bidi */
    {"<a\xff@b>", PATH_UTF8, NULL, NULL, NULL},
};

static void
test_parse(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(paths); i++) {
		struct pool *pool = pool_create(NULL, "test", MEMORY);
		struct span rest = span_text(paths[i].text);
		struct mail_address address;
		struct error error = {0};
		bool want = paths[i].local != NULL;

		if (path_parse(pool, &rest, paths[i].flags, &address, &error) !=
		    want)
			fail_msg("%s: %s", paths[i].text, error.text);
		if (want) {
			assert_span(address.local, paths[i].local);
			assert_span(address.domain, paths[i].domain);
			assert_span(rest, paths[i].rest);
		} else {
			assert_int_equal(error.kind, ERROR_INVALID);
			assert_ptr_equal(rest.at, paths[i].text);
		}
		pool_destroy(pool);
	}
}

static void
test_whole_text(void **state UNUSED)
{
	struct pool *pool = pool_create(NULL, "test", MEMORY);
	struct mail_address address;

	assert_true(
	    path_parse_whole(pool, SPAN("  a@b \n"), LENIENT, &address, NULL));
	assert_span(address.text, "a@b");
	assert_true(path_parse_whole(pool, SPAN(""), LENIENT, &address, NULL));
	assert_true(mail_address_is_null(&address));
	assert_true(
	    path_parse_whole(pool, SPAN("<>"), LENIENT, &address, NULL));
	assert_true(mail_address_is_null(&address));
	assert_false(
	    path_parse_whole(pool, SPAN(""), PATH_LENIENT, &address, NULL));
	assert_false(
	    path_parse_whole(pool, SPAN("<a@b> c"), LENIENT, &address, NULL));
	assert_false(
	    path_parse_whole(pool, SPAN("a@b c@d"), LENIENT, &address, NULL));
	pool_destroy(pool);
}

/* A text of `count` bytes 'a' followed by `tail`. */
static struct span
long_text(struct pool *pool, size_t count, const char *tail)
{
	char *text = pool_alloc(pool, count + strlen(tail) + 1);

	assert_non_null(text);
	memset(text, 'a', count);
	memcpy(text + count, tail, strlen(tail));
	return span_of(text, count + strlen(tail));
}

static void
test_maximum(void **state UNUSED)
{
	struct pool *pool = pool_create(NULL, "test", MEMORY);
	struct mail_address address;
	struct error error = {0};
	struct span text = long_text(pool, MAIL_ADDRESS_MAXIMUM - 2, "@b");

	assert_true(path_parse(pool, &text, LENIENT, &address, &error));
	assert_int_equal(address.text.len, MAIL_ADDRESS_MAXIMUM);
	text = long_text(pool, MAIL_ADDRESS_MAXIMUM - 1, "@b");
	assert_false(path_parse(pool, &text, LENIENT, &address, &error));
	assert_int_equal(error.kind, ERROR_LIMIT);
	pool_destroy(pool);
}

static void
test_pool_is_full(void **state UNUSED)
{
	struct pool *pool = pool_create(NULL, "test", 1);
	struct mail_address address;
	struct error error = {0};
	struct span text = SPAN("<a@b>");

	assert_false(path_parse(pool, &text, 0, &address, &error));
	assert_int_equal(error.kind, ERROR_LIMIT);
	pool_destroy(pool);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_parse),
	    cmocka_unit_test(test_whole_text),
	    cmocka_unit_test(test_maximum),
	    cmocka_unit_test(test_pool_is_full),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
