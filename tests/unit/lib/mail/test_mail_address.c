/* SPDX-License-Identifier: MIT */
#include "lib/mail/mail_address.h"
#include "lib/mail/path.h"

#include "../../unit.h"

static const struct {
	const char *text;
	const char *local;
	const char *domain;
} splits[] = {
    {"", "", ""},
    {"user", "user", ""},
    {"user@dom", "user", "dom"},
    {"a@b@c", "a@b", "c"},
    {"@c", "", "c"},
    {"a@", "a", ""},
};

static void
test_split(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(splits); i++) {
		struct mail_address address =
		    mail_address_split(span_text(splits[i].text));

		assert_span(address.text, splits[i].text);
		assert_span(address.local, splits[i].local);
		assert_span(address.domain, splits[i].domain);
	}
}

static const struct {
	const char *internal;
	const char *external;
} forms[] = {
    {"", ""},
    {"user@dom", "user@dom"},
    {"user", "user"},
    {"a.b+c@dom", "a.b+c@dom"},
    {"a b@dom", "\"a b\"@dom"},
    {"a\"b\\c@dom", "\"a\\\"b\\\\c\"@dom"},
    {".a@dom", "\".a\"@dom"},
    {"a.@dom", "\"a.\"@dom"},
    {"a..b@dom", "\"a..b\"@dom"},
    {"a@b@dom", "\"a@b\"@dom"},
    {"@dom", "\"\"@dom"},
    {"a(b)@dom", "\"a(b)\"@dom"},
    {"a b", "\"a b\""},
    {"j\xc3\xb6rg@dom", "j\xc3\xb6rg@dom"},
    {"a@[1.2.3.4]", "a@[1.2.3.4]"},
    /* what no parser lets through cannot break the line either */
    {"a\r\nRCPT TO:<b>@dom", "\"a??RCPT TO:<b>\"@dom"},
    {"a@dom\r\nb", "a@dom??b"},
    {"a@dom> X<", "a@dom??X?"},
};

static void
test_quote(void **state UNUSED)
{
	struct pool *pool = pool_create(NULL, "test", 1 << 16);

	for (size_t i = 0; i < COUNT_OF(forms); i++) {
		struct span internal = span_text(forms[i].internal);
		struct buf path;

		assert_string_equal(
		    mail_address_quote(pool, internal), forms[i].external);
		buf_init(&path, 100);
		assert_true(mail_address_append_path(&path, internal));
		assert_span(buf_span(&path),
		    pool_printf(pool, "<%s>", forms[i].external));
		buf_finish(&path);
	}
	pool_destroy(pool);
}

static void
test_quoted_form_parses_back(void **state UNUSED)
{
	struct pool *pool = pool_create(NULL, "test", 1 << 16);

	for (size_t i = 1; i < 15; i++) {
		struct mail_address address;
		struct span path =
		    span_text(pool_printf(pool, "<%s>", forms[i].external));

		assert_true(path_parse(pool, &path, PATH_UTF8, &address, NULL));
		assert_span(address.text, forms[i].internal);
	}
	pool_destroy(pool);
}

static void
test_quote_respects_maximum(void **state UNUSED)
{
	struct buf out;

	buf_init(&out, 5);
	assert_false(mail_address_append_quoted(&out, SPAN("user@dom")));
	buf_finish(&out);
}

static void
test_fold(void **state UNUSED)
{
	struct pool *pool = pool_create(NULL, "test", 1 << 16);
	struct span folded;

	assert_true(
	    mail_address_fold(pool, SPAN("USER@Dom.\xc3\x96"), &folded));
	assert_span(folded, "user@dom.\xc3\x96");
	pool_destroy(pool);
}

static const struct {
	const char *local;
	const char *delimiters;
	const char *user; /* NULL: no extension */
	const char *extension;
} extensions[] = {
    {"user+list", "+", "user", "list"},
    {"user-a+b", "+-", "user", "a+b"},
    {"user+", "+", "user", ""},
    {"user", "+", NULL, NULL},
    {"+list", "+", NULL, NULL},
    {"user+list", "", NULL, NULL},
    {"mailer-daemon", "-", NULL, NULL},
    {"Double-Bounce", "-", NULL, NULL},
    {"double-bounce-x", "-", "double", "bounce-x"},
};

static void
test_extension(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(extensions); i++) {
		struct span user;
		struct span extension;
		bool found =
		    mail_address_split_extension(span_text(extensions[i].local),
			extensions[i].delimiters, &user, &extension);

		assert_int_equal(found, extensions[i].user != NULL);
		if (found) {
			assert_span(user, extensions[i].user);
			assert_span(extension, extensions[i].extension);
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_split),
	    cmocka_unit_test(test_quote),
	    cmocka_unit_test(test_quoted_form_parses_back),
	    cmocka_unit_test(test_quote_respects_maximum),
	    cmocka_unit_test(test_fold),
	    cmocka_unit_test(test_extension),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
