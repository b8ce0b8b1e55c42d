/* SPDX-License-Identifier: MIT */
#include "lib/base/buf.h"
#include "lib/param/master_cf.h"

#include "../../unit.h"

struct fixture {
	struct pool *pool;
	struct master_cf master_cf;
	struct warnings warnings;
	struct error error;
};

static int
set_up(void **state)
{
	struct fixture *fixture = calloc(1, sizeof *fixture);

	fixture->pool = pool_create(NULL, "test", POOL_NO_MAXIMUM);
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
	return master_cf_parse(fixture->pool, "master.cf", span_text(text),
	    &fixture->master_cf, &fixture->warnings, &fixture->error);
}

static void
test_columns(void **state)
{
	struct fixture *fixture = *state;
	const struct master_service *service;

	assert_true(parse(fixture,
	    "# service type private unpriv chroot wakeup maxproc command\n"
	    "smtp      inet  n - y - - smtpd\n"
	    "pickup    fifo  n - - 60 1 pickup\n"
	    "flush     unix  - n n 1000? 0 flush\n"
	    "smtpd     pass  - y n 0 5 smtpd\n"
	    "postlog   unix-dgram n - n - 1 postlogd\n"));
	assert_int_equal(fixture->master_cf.count, 5);
	service = &fixture->master_cf.services[0];
	assert_span(service->name, "smtp");
	assert_span(service->command, "smtpd");
	assert_int_equal(service->type, MASTER_INET);
	assert_false(service->is_private);
	assert_true(service->is_unprivileged);
	assert_true(service->is_chrooted);
	assert_int_equal(service->wakeup, 0);
	assert_int_equal(service->maxproc, MASTER_DEFAULT);
	assert_string_equal(service->where, "master.cf, line 2");
	service = &fixture->master_cf.services[1];
	assert_int_equal(service->type, MASTER_UNIX);
	assert_false(service->is_chrooted);
	assert_int_equal(service->wakeup, 60);
	assert_false(service->wakeup_if_used);
	assert_int_equal(service->maxproc, 1);
	service = &fixture->master_cf.services[2];
	assert_true(service->is_private);
	assert_false(service->is_unprivileged);
	assert_int_equal(service->wakeup, 1000);
	assert_true(service->wakeup_if_used);
	assert_int_equal(service->maxproc, 0);
	assert_int_equal(fixture->master_cf.services[3].type, MASTER_PASS);
	assert_int_equal(
	    fixture->master_cf.services[4].type, MASTER_UNIX_DGRAM);
	assert_string_equal(
	    master_cf_type_name(MASTER_UNIX_DGRAM), "unix-dgram");
	assert_int_equal(fixture->warnings.count, 0);
}

static void
test_options(void **state)
{
	struct fixture *fixture = *state;
	const struct master_service *service;

	assert_true(parse(fixture,
	    "submission inet n - n - - smtpd -v\n"
	    "  -o syslog_name=postfix/submission\n"
	    "# -o not=this\n"
	    "  -osmtpd_tls_security_level=encrypt -vv -D\n"
	    "\n"
	    "  -o { smtpd_client_restrictions = permit_mynetworks, reject }\n"
	    "  -o empty=\n"));
	assert_int_equal(fixture->master_cf.count, 1);
	service = &fixture->master_cf.services[0];
	assert_int_equal(service->option_count, 4);
	assert_span(service->options[0].name, "syslog_name");
	assert_span(service->options[0].value, "postfix/submission");
	assert_span(service->options[1].name, "smtpd_tls_security_level");
	assert_span(service->options[1].value, "encrypt");
	assert_span(service->options[2].value, "permit_mynetworks, reject");
	assert_span(service->options[3].value, "");
	assert_int_equal(service->verbose, 3);
	assert_true(service->debug);
	assert_int_equal(service->argument_count, 0);
}

static void
test_arguments(void **state)
{
	struct fixture *fixture = *state;
	const struct master_service *service;

	assert_true(parse(fixture,
	    "dovecot unix - n n - - pipe -o a=b flags=DRhu\n"
	    "  user=vmail:vmail {argv=/usr/lib/dovecot/deliver x} -f "
	    "${sender} -d ${recipient}\n"));
	service =
	    master_cf_find(&fixture->master_cf, SPAN("dovecot"), MASTER_UNIX);
	assert_non_null(service);
	assert_int_equal(service->option_count, 1);
	assert_int_equal(service->argument_count, 7);
	assert_span(service->arguments[0], "flags=DRhu");
	assert_span(service->arguments[2], "argv=/usr/lib/dovecot/deliver x");
	assert_span(service->arguments[3], "-f");
	assert_span(service->arguments[4], "${sender}");
	assert_null(
	    master_cf_find(&fixture->master_cf, SPAN("dovecot"), MASTER_INET));
}

static void
test_last_wins(void **state)
{
	struct fixture *fixture = *state;

	assert_true(parse(fixture,
	    "smtp inet n - n - - smtpd\n"
	    "smtp unix - - n - - smtp\n"
	    "smtp inet n - n - 7 smtpd\n"));
	assert_int_equal(fixture->master_cf.count, 2);
	assert_int_equal(fixture->master_cf.services[0].maxproc, 7);
	assert_int_equal(fixture->warnings.count, 1);
	assert_string_equal(fixture->warnings.text[0],
	    "master.cf, line 3: overriding earlier entry: service \"smtp\" "
	    "inet");
}

static const struct {
	const char *line;
	const char *error;
} bad[] = {
    {"smtp inet n",
	"expected 8 columns (service type private unpriv chroot wakeup maxproc "
	"command), found 3"},
    {"smtp tcp n - - - - smtpd",
	"type = tcp: expected inet, unix, fifo, pass or unix-dgram"},
    {"a:b:c inet n - - - - smtpd",
	"type = inet: expected a name such as smtp, 2525, host:port or "
	"[v6]:port before it"},
    {"../x unix n - - - - smtpd",
	"type = unix: expected a name without \"/\" before it"},
    {".x unix n - - - - smtpd",
	"type = unix: expected a name without \"/\" before it"},
    {"smtp inet x - - - - smtpd", "private = x: expected y, n or -"},
    {"smtp inet - x - - - smtpd", "unpriv = x: expected y, n or -"},
    {"smtp inet - - yes - - smtpd", "chroot = yes: expected y, n or -"},
    {"smtp inet - - - 1m - smtpd",
	"wakeup = 1m: expected - or a number of seconds up to 86400, a \"?\" "
	"may follow"},
    {"smtp inet - - - ? - smtpd",
	"wakeup = ?: expected - or a number of seconds up to 86400, a \"?\" "
	"may follow"},
    {"smtp inet - - - - -1 smtpd",
	"maxproc = -1: expected - or a number up to 1000000"},
    {"smtp inet - - - - - /bin/sh",
	"command = /bin/sh: expected the name of a program in "
	"daemon_directory"},
    {"smtp inet - - - - - smtpd -o",
	"expected -o name=value or -o { name = value }, found \"\""},
    {"smtp inet - - - - - smtpd -o a",
	"expected -o name=value or -o { name = value }, found \"a\""},
    {"smtp inet - - - - - smtpd -o a = b",
	"expected -o name=value or -o { name = value }, found \"a\""},
    {"smtp inet - - - - - smtpd -x",
	"expected -o name=value, -v, -D or an argument, found \"-x\""},
    {"smtp inet - - - - - smtpd -",
	"expected -o name=value, -v, -D or an argument, found \"-\""},
};

static void
test_bad(void **state)
{
	struct fixture *fixture = *state;

	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		char text[200];

		snprintf(text, sizeof text, "\n%s\n", bad[i].line);
		assert_false(parse(fixture, text));
		snprintf(
		    text, sizeof text, "master.cf, line 2: %s", bad[i].error);
		assert_string_equal(fixture->error.text, text);
	}
}

static void
test_no_services(void **state)
{
	struct fixture *fixture = *state;

	assert_true(parse(fixture, "# nothing\n"));
	assert_int_equal(fixture->master_cf.count, 0);
	assert_false(parse(fixture, "  smtp inet n - n - - smtpd\n"));
	assert_int_equal(fixture->error.kind, ERROR_INVALID);
}

static void
test_too_many_services(void **state)
{
	struct fixture *fixture = *state;
	struct buf text;

	buf_init(&text, 100000);
	for (int i = 0; i < 1001; i++)
		buf_printf(&text, "%d inet n - n - - smtpd\n", i);
	assert_false(parse(fixture, buf_text(&text)));
	assert_string_equal(
	    fixture->error.text, "master.cf: too many services");
	buf_finish(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_columns, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_options, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_arguments, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_last_wins, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_bad, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		test_no_services, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		test_too_many_services, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
