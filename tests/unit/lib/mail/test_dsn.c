/* SPDX-License-Identifier: MIT */
#include "lib/mail/dsn.h"

#include "../../unit.h"

static const struct {
	const char *text;
	unsigned notify; /* 0: refused */
	const char *want;
} notifies[] = {
    {"NEVER", DSN_NEVER, "NEVER"},
    {"success", DSN_SUCCESS, "SUCCESS"},
    {"DELAY,FAILURE", DSN_FAILURE | DSN_DELAY, "FAILURE,DELAY"},
    {"SUCCESS,FAILURE,DELAY", DSN_SUCCESS | DSN_FAILURE | DSN_DELAY,
	"SUCCESS,FAILURE,DELAY"},
    {"FAILURE,FAILURE", DSN_FAILURE, "FAILURE"},
    {"", 0, NULL},
    {",", 0, NULL},
    {"FAILURE,", 0, NULL},
    {"NEVER,FAILURE", 0, NULL},
    {"SUCCESS FAILURE", 0, NULL},
    {"ALWAYS", 0, NULL},
};

static void
test_notify(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(notifies); i++) {
		unsigned notify = 0;
		struct buf out;

		assert_int_equal(
		    dsn_parse_notify(span_text(notifies[i].text), &notify),
		    notifies[i].notify != 0);
		assert_int_equal(notify, notifies[i].notify);
		if (notify == 0)
			continue;
		buf_init(&out, 100);
		assert_true(dsn_append_notify(&out, notify));
		assert_span(buf_span(&out), notifies[i].want);
		buf_finish(&out);
	}
}

static void
test_return(void **state UNUSED)
{
	enum dsn_return dsn_return;

	assert_true(dsn_parse_return(SPAN("full"), &dsn_return));
	assert_string_equal(dsn_return_name(dsn_return), "FULL");
	assert_true(dsn_parse_return(SPAN("HDRS"), &dsn_return));
	assert_string_equal(dsn_return_name(dsn_return), "HDRS");
	assert_false(dsn_parse_return(SPAN(""), &dsn_return));
	assert_false(dsn_parse_return(SPAN("HEADERS"), &dsn_return));
	assert_string_equal(dsn_return_name(DSN_RETURN_UNSET), "");
}

#define TEN     "1234567890"
#define HUNDRED TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN

static const struct {
	const char *text;
	bool is_valid;
} envids[] = {
    {"QQ314159", true},
    {"a+2Bb", true},
    {"a+20b", true},
    {HUNDRED, true},
    {HUNDRED "1", false},
    {"", false},
    {"a=b", false},
    {"a+0D+0Ab", false}, /* ATK 69 */
    {"a+E9", false},
    {"a+C3+A9", false},
};

static void
test_envid(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(envids); i++)
		assert_int_equal(dsn_envid_is_valid(span_text(envids[i].text)),
		    envids[i].is_valid);
}

static const struct {
	const char *text;
	bool utf8;
	const char *type; /* NULL: refused */
	const char *address;
} orcpts[] = {
    {"rfc822;user@example.com", false, "rfc822", "user@example.com"},
    {"rfc822;a+2Bb@c", false, "rfc822", "a+b@c"},
    {"RFC822;+22a+20b+22@c", false, "RFC822", "\"a b\"@c"},
    {"x400;/c=us", false, NULL, NULL},
    {"x400;/c+3Dus", false, "x400", "/c=us"},
    {"utf-8;j\\x{F6}rg@c", false, "utf-8", "j\xc3\xb6rg@c"},
    {"UTF-8;j\xc3\xb6rg@c", true, "UTF-8", "j\xc3\xb6rg@c"},
    {"utf-8;j\xc3\xb6rg@c", false, NULL, NULL},
    {"utf-8;j\xc3rg@c", true, NULL, NULL},
    {"utf-8;a\\x{0A}b@c", false, NULL, NULL},
    {"utf-8;a\\x{202E}b@c", true, NULL, NULL},
    {"rfc822;j\xc3\xb6rg@c", true, NULL, NULL},
    {"utf-8;j+C3+B6rg@c", true, "utf-8", "j\xc3\xb6rg@c"},
    {"utf-8;j+C3+B6rg@c", false, NULL, NULL},
    {"user@example.com", false, NULL, NULL},
    {";user@example.com", false, NULL, NULL},
    {"rfc822;", false, NULL, NULL},
    {"rfc 822;a@b", false, NULL, NULL},
    {"rfc822;a+0D+0Ab@c", false, NULL, NULL},
    {"rfc822;a+00b@c", false, NULL, NULL},
    {"rfc822;" HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED, false, NULL, NULL},
};

static void
test_orcpt(void **state UNUSED)
{
	struct pool *pool = pool_create(NULL, "test", 1 << 16);

	for (size_t i = 0; i < COUNT_OF(orcpts); i++) {
		struct span type;
		struct span address;
		bool good = dsn_parse_orcpt(pool, span_text(orcpts[i].text),
		    orcpts[i].utf8, &type, &address);

		assert_int_equal(good, orcpts[i].type != NULL);
		if (good) {
			assert_span(type, orcpts[i].type);
			assert_span(address, orcpts[i].address);
		}
	}
	pool_destroy(pool);
}

static void
test_stored_orcpt(void **state UNUSED)
{
	struct pool *pool = pool_create(NULL, "test", 1 << 16);

	assert_span(
	    dsn_decode_orcpt(pool, SPAN("rfc822;a+2Bb@c")), "rfc822;a+b@c");
	assert_span(dsn_decode_orcpt(pool, SPAN("utf-8;j+C3+B6rg@c")),
	    "utf-8;j\xc3\xb6rg@c");
	assert_span(dsn_decode_orcpt(pool, SPAN("")), "");
	assert_span(dsn_decode_orcpt(pool, SPAN("rfc822;a+0Ab")), "");
	pool_destroy(pool);
}

static void
test_action(void **state UNUSED)
{
	assert_string_equal(dsn_action_name(DSN_FAILED), "failed");
	assert_string_equal(dsn_action_name(DSN_EXPANDED), "expanded");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_notify),
	    cmocka_unit_test(test_return),
	    cmocka_unit_test(test_envid),
	    cmocka_unit_test(test_orcpt),
	    cmocka_unit_test(test_stored_orcpt),
	    cmocka_unit_test(test_action),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
