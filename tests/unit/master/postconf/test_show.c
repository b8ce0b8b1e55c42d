/* SPDX-License-Identifier: MIT */
#include "lib/param/host.h"

#include "../../unit.h"
#include "master/postconf/catalogue.h"
#include "master/postconf/show.h"

#define MAIN_CF                         \
	"relayhost =\n"                 \
	"mydomain = example.com\n"      \
	"myhostname = mail.$mydomain\n" \
	"mine = $myhostname\n"          \
	"mydestination = $mine\n"       \
	"typo = 1\n"

struct fixture {
	struct pool *pool;
	struct config *config;
	struct param_source source;
	struct warnings warnings;
	struct buf out;
	struct output output;
	struct master_cf master_cf;
	struct show show;
};

static int
set_up(void **state)
{
	struct fixture *fixture = calloc(1, sizeof *fixture);

	fixture->pool = pool_create(NULL, "test", POOL_NO_MAXIMUM);
	fixture->config = config_create(fixture->pool);
	assert_true(config_parse(
	    fixture->config, "main.cf", SPAN(MAIN_CF), NULL, NULL));
	warnings_init(&fixture->warnings);
	buf_init(&fixture->out, 1000000);
	fixture->source = (struct param_source){
	    .config = fixture->config,
	    .sets = catalogue_sets(),
	    .host = &host_system,
	    .config_directory = "/c",
	};
	fixture->show = (struct show){
	    .source = &fixture->source,
	    .config = fixture->config,
	    .master_cf = &fixture->master_cf,
	    .output = &fixture->output,
	    .warnings = &fixture->warnings,
	    .classes = SHOW_ALL,
	};
	fixture->output.out = &fixture->out;
	*state = fixture;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *fixture = *state;

	warnings_finish(&fixture->warnings);
	buf_finish(&fixture->out);
	pool_destroy(fixture->pool);
	free(fixture);
	return 0;
}

static void
test_parameter(void **state)
{
	struct fixture *fixture = *state;

	show_parameter(&fixture->show, SPAN("myhostname"));
	show_parameter(&fixture->show, SPAN("relayhost"));
	show_parameter(&fixture->show, SPAN("config_directory"));
	fixture->show.is_expanded = true;
	show_parameter(&fixture->show, SPAN("mydestination"));
	fixture->output.is_value_only = true;
	show_parameter(&fixture->show, SPAN("myorigin"));
	assert_span(buf_span(&fixture->out),
	    "myhostname = mail.$mydomain\n"
	    "relayhost =\n"
	    "config_directory = /c\n"
	    "mydestination = mail.example.com\n"
	    "mail.example.com\n");
	assert_int_equal(fixture->warnings.count, 0);
	show_parameter(&fixture->show, SPAN("relay_host"));
	assert_int_equal(fixture->warnings.count, 1);
	assert_string_equal(fixture->warnings.text[0],
	    "relay_host: unknown parameter (did you mean relayhost?)");
}

static void
test_settings(void **state)
{
	struct fixture *fixture = *state;

	show_settings(&fixture->show);
	assert_span(buf_span(&fixture->out),
	    "mine = $myhostname\n"
	    "mydestination = $mine\n"
	    "mydomain = example.com\n"
	    "myhostname = mail.$mydomain\n"
	    "relayhost =\n");
	assert_int_equal(fixture->warnings.count, 1);
	assert_string_equal(fixture->warnings.text[0],
	    "main.cf, line 6: unused parameter: typo=1");
}

static void
test_all(void **state)
{
	struct fixture *fixture = *state;
	struct span rest;
	struct span line;
	struct span before = SPAN_EMPTY;
	size_t count = 0;

	show_all(&fixture->show);
	rest = buf_span(&fixture->out);
	while (span_take_word(&rest, "\n", &line)) {
		assert_true(span_compare(before, line) < 0);
		before = line;
		count++;
	}
	assert_true(count > 900);
	assert_int_equal(fixture->warnings.count, 1);
}

static void
test_classes(void **state)
{
	struct fixture *fixture = *state;

	assert_true(master_cf_parse(fixture->pool, "master.cf",
	    SPAN("slow unix - - n - - smtp\n"
		 "task unix - n n - - spawn user=nobody\n"
		 "smtp inet n - n - - smtpd -o x=$typo -o other=1\n"),
	    &fixture->master_cf, NULL, NULL));
	fixture->show.classes = SHOW_SERVICE;
	show_all(&fixture->show);
	assert_true(span_find_span(buf_span(&fixture->out),
			SPAN("slow_destination_recipient_limit = "
			     "$default_destination_recipient_limit\n")) <
	    fixture->out.len);
	assert_true(span_ends(buf_span(&fixture->out),
	    SPAN("task_time_limit = $command_time_limit\n")));
	assert_true(span_find_span(buf_span(&fixture->out), SPAN("mydomain")) ==
	    fixture->out.len);
	/* typo has a use in master.cf. */
	assert_int_equal(fixture->warnings.count, 2);
	assert_string_equal(fixture->warnings.text[0],
	    "master.cf, line 3: unused parameter: -o x=$typo");
	buf_clear(&fixture->out);
	fixture->show.classes = SHOW_USER;
	show_all(&fixture->show);
	assert_span(buf_span(&fixture->out), "mine = $myhostname\ntypo = 1\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_parameter, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_settings, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_all, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_classes, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
