/* SPDX-License-Identifier: MIT */
#include "lib/param/config.h"

#include "../../unit.h"

struct fixture {
	struct pool *pool;
	struct config *config;
	struct warnings warnings;
	struct error error;
};

static int
set_up(void **state)
{
	struct fixture *fixture = calloc(1, sizeof *fixture);

	fixture->pool = pool_create(NULL, "test", POOL_NO_MAXIMUM);
	fixture->config = config_create(fixture->pool);
	warnings_init(&fixture->warnings);
	*state = fixture;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *fixture = *state;

	warnings_finish(&fixture->warnings);
	pool_destroy(fixture->pool);
	free(fixture);
	return 0;
}

static bool
parse(struct fixture *fixture, const char *text)
{
	return config_parse(fixture->config, "main.cf", span_text(text),
	    &fixture->warnings, &fixture->error);
}

static void
assert_value(const struct config *config, const char *name, const char *want)
{
	struct span value;

	assert_true(config_get(config, span_text(name), &value));
	assert_span(value, want);
}

static void
test_parse(void **state)
{
	struct fixture *fixture = *state;
	const struct config_entry *entry;
	struct span value;

	assert_true(parse(fixture,
	    "# comment\n"
	    "myhostname = mail.example.com\n"
	    "mydestination=$myhostname,\n"
	    "# between\n"
	    "   localhost\n"
	    "relayhost =\n"
	    "smtp-amavis_destination_concurrency_limit = 2\n"
	    "equation = a = b\n"));
	assert_value(fixture->config, "myhostname", "mail.example.com");
	assert_value(
	    fixture->config, "mydestination", "$myhostname,   localhost");
	assert_value(fixture->config, "relayhost", "");
	assert_value(fixture->config, "equation", "a = b");
	assert_false(config_get(fixture->config, SPAN("MYHOSTNAME"), &value));
	entry = config_find(fixture->config, SPAN("relayhost"));
	assert_string_equal(entry->where, "main.cf, line 6");
	entry = config_first(fixture->config);
	assert_span(entry->name, "myhostname");
	assert_span(entry->next->name, "mydestination");
	assert_int_equal(fixture->warnings.count, 0);
}

static void
test_later_wins(void **state)
{
	struct fixture *fixture = *state;

	assert_true(parse(fixture, "a = 1\nb = 2\na = 3\nb = 2\n"));
	assert_value(fixture->config, "a", "3");
	assert_int_equal(fixture->warnings.count, 1);
	assert_string_equal(fixture->warnings.text[0],
	    "main.cf, line 3: overriding earlier entry: a=1");
	assert_string_equal(
	    config_find(fixture->config, SPAN("a"))->where, "main.cf, line 3");
}

static const struct {
	const char *text;
	const char *error;
} bad[] = {
    {"a = 1\nnonsense\n",
	"main.cf, line 2: expected \"name = value\", found \"nonsense\""},
    {"= 1", "main.cf, line 1: expected \"name = value\", found \"= 1\""},
    {"a b = 1",
	"main.cf, line 1: expected \"name = value\", "
	"found \"a b = 1\""},
    {"$a = 1",
	"main.cf, line 1: expected \"name = value\", "
	"found \"$a = 1\""},
    {" a = 1",
	"main.cf, line 1: white space at the beginning, but there is "
	"no line that this could continue"},
};

static void
test_bad(void **state)
{
	struct fixture *fixture = *state;

	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		assert_false(parse(fixture, bad[i].text));
		assert_string_equal(fixture->error.text, bad[i].error);
	}
}

static void
test_override(void **state)
{
	struct fixture *fixture = *state;

	assert_true(parse(fixture, "a = 1\n"));
	assert_true(config_override(fixture->config, "master.cf, line 9: -o",
	    SPAN("a=2"), &fixture->error));
	assert_true(config_override(fixture->config, "master.cf, line 9: -o",
	    SPAN(" b = c d "), &fixture->error));
	assert_value(fixture->config, "a", "2");
	assert_value(fixture->config, "b", "c d");
	assert_int_equal(fixture->warnings.count, 0);
	assert_string_equal(config_find(fixture->config, SPAN("a"))->where,
	    "master.cf, line 9: -o");
	assert_false(
	    config_override(fixture->config, "-o", SPAN("a"), &fixture->error));
	assert_string_equal(
	    fixture->error.text, "-o: expected \"name = value\", found \"a\"");
}

static bool
find_default(void *argument UNUSED, struct span name, struct span *value)
{
	if (!span_equal(name, SPAN("mydomain")))
		return false;
	*value = SPAN("example.com");
	return true;
}

static void
test_expand(void **state)
{
	struct fixture *fixture = *state;
	const struct expand_names others = {.find = find_default};
	struct buf out;

	buf_init(&out, 100);
	assert_true(parse(fixture, "host = mail.$mydomain\nloop = $loop\n"));
	assert_true(config_expand(
	    fixture->config, SPAN("[$host]"), &others, &out, &fixture->error));
	assert_string_equal(buf_text(&out), "[mail.example.com]");
	buf_clear(&out);
	assert_true(config_expand(
	    fixture->config, SPAN("[$host]"), NULL, &out, &fixture->error));
	assert_string_equal(buf_text(&out), "[mail.]");
	assert_false(config_expand(
	    fixture->config, SPAN("$loop"), NULL, &out, &fixture->error));
	buf_finish(&out);
}

static bool
is_known(void *argument UNUSED, struct span name)
{
	return span_starts(name, SPAN("smtpd_")) ||
	    span_starts(name, SPAN("virtual_"));
}

static void
add_unused(void *argument, const struct config_entry *entry)
{
	struct buf *out = argument;

	buf_append_span(out, entry->name);
	buf_append_byte(out, ' ');
}

static void
test_unused(void **state)
{
	struct fixture *fixture = *state;
	struct buf out;

	buf_init(&out, 1000);
	assert_true(parse(fixture,
	    "smtpd_sender_restrictions = $mua_restrictions, ${maybe?x}\n"
	    "mua_restrictions = permit\n"
	    "maybe =\n"
	    "submission_tls = encrypt\n"
	    "smtpd_restriction_classes = strict, lax\n"
	    "strict = reject\n"
	    "lax = permit\n"
	    "virtual_alias_maps = proxy:ldap:people, mysql:/etc/x.cf\n"
	    "people_server_host = localhost\n"
	    "pople_bind = no\n"
	    "typo = 1\n"));
	config_note_references(fixture->config, SPAN("$submission_tls"));
	config_unused(fixture->config, is_known, add_unused, &out);
	assert_string_equal(buf_text(&out), "pople_bind typo ");
	buf_finish(&out);
}

static void
test_full_pool(void **state UNUSED)
{
	struct pool *pool = pool_create(NULL, "small", 3000);
	struct config *config = config_create(pool);
	struct error error;
	char text[4000] = "a = ";

	memset(text + 4, 'x', sizeof text - 4);
	assert_false(config_parse(
	    config, "main.cf", span_of(text, sizeof text), NULL, &error));
	assert_int_equal(error.kind, ERROR_LIMIT);
	pool_destroy(pool);
}

static void
test_warnings_are_bounded(void **state UNUSED)
{
	struct warnings warnings;

	warnings_init(&warnings);
	for (int i = 0; i < WARNINGS_MAXIMUM + 5; i++)
		warnings_add(&warnings, "warning %d", i);
	warnings_add(&warnings, "warning %d", 0);
	assert_int_equal(warnings.count, WARNINGS_MAXIMUM);
	assert_int_equal(warnings.dropped, 5);
	warnings_add(NULL, "nobody hears this");
	warnings_finish(&warnings);
	assert_int_equal(warnings.count, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_parse, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_later_wins, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_bad, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_override, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_expand, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_unused, set_up, tear_down),
	    cmocka_unit_test(test_full_pool),
	    cmocka_unit_test(test_warnings_are_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
