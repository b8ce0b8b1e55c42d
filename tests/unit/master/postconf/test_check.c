/* SPDX-License-Identifier: MIT */
#include "lib/param/host.h"

#include "../../unit.h"
#include "master/postconf/check.h"

#define FIRST_LINE "smtp inet n - n - - smtpd\n"

static const struct {
	const char *main_cf;
	const char *master_cf;
	const char *problem; /* NULL = none */
	const char *warning; /* NULL = none */
} cases[] = {
    {"html_directory = /x\nmyhostname = a.example\n", FIRST_LINE, NULL, NULL},
    {"smtpd_milters =\n", FIRST_LINE, NULL, NULL},
    {"\nsmtpd_milters = inet:[::1]:1\n", FIRST_LINE,
	"main.cf, line 2: smtpd_milters = inet:[::1]:1: this version has no "
	"milters, and to ignore the setting would not be safe",
	NULL},
    {"m = inet:[::1]:1\nsmtpd_milters = $m\n", FIRST_LINE,
	"main.cf, line 2: smtpd_milters = $m: this version has no milters, and "
	"to ignore the setting would not be safe",
	NULL},
    {"m =\nsmtpd_milters = $m\n", FIRST_LINE, NULL, NULL},
    {"best_mx_transport = me\n", FIRST_LINE, NULL,
	"main.cf, line 1: best_mx_transport is not supported yet and ignored"},
    {"qmqpd_timeout = 1s\n", FIRST_LINE, NULL,
	"main.cf, line 1: qmqpd_timeout is not supported; use smtpd"},
    {"mua = permit\n", FIRST_LINE, NULL,
	"main.cf, line 1: unused parameter: mua=permit"},
    {"mua = a\n", FIRST_LINE " -o mydestination=$mua\n", NULL, NULL},
    {"relay_host = a\n", FIRST_LINE, NULL,
	"main.cf, line 1: unused parameter: relay_host=a (did you mean "
	"relayhost?)"},
    {"slow_destination_rate_delay = 1s\n", FIRST_LINE, NULL,
	"main.cf, line 1: unused parameter: slow_destination_rate_delay=1s "
	"(did you mean default_destination_rate_delay?)"},
    {"slow_destination_rate_delay = 1s\n",
	FIRST_LINE "slow unix - - n - - smtp\n", NULL, NULL},
    {"smtp_initial_destination_concurrency = 1\n"
     "local_destination_concurrency_limit = 1\n"
     "default_delivery_slot_cost = 9\n"
     "smtp_recipient_refill_limit = 9\n",
	FIRST_LINE, NULL, NULL},
    {"", FIRST_LINE " -o content_filter=scan:\n",
	"master.cf, line 1: -o content_filter = scan:: this version has "
	"no content filter, and to ignore the setting would not be safe",
	NULL},
    {"postscreen_dnsbl_sites = bl.example\n", FIRST_LINE, NULL, NULL},
    {"postscreen_dnsbl_sites = bl.example\n",
	"smtp inet n - n - 1 postscreen\n",
	"main.cf, line 1: postscreen_dnsbl_sites = bl.example: this version "
	"has no screening by DNS lists, and to ignore the setting would not be "
	"safe",
	NULL},
};

static size_t
no_addresses(struct host_address *addresses UNUSED, size_t maximum UNUSED)
{
	return 0;
}

static void
say_name(char *name, size_t size)
{
	snprintf(name, size, "mail.example.com");
}

static const struct host host = {say_name, no_addresses};

/* At most one, and that one is `want`. */
static void
assert_only(const struct warnings *warnings, const char *want)
{
	if (want == NULL && warnings->count > 0)
		fail_msg("unexpected: %s", warnings->text[0]);
	if (want == NULL)
		return;
	assert_int_equal(warnings->count, 1);
	assert_string_equal(warnings->text[0], want);
}

static void
test_check(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct pool *pool = pool_create(NULL, "test", POOL_NO_MAXIMUM);
		struct config *config = config_create(pool);
		struct master_cf master_cf;
		struct warnings problems;
		struct warnings warnings;

		warnings_init(&problems);
		warnings_init(&warnings);
		assert_true(config_parse(config, "main.cf",
		    span_text(cases[i].main_cf), NULL, NULL));
		assert_true(master_cf_parse(pool, "master.cf",
		    span_text(cases[i].master_cf), &master_cf, NULL, NULL));
		assert_int_equal(check_settings(&(struct check){config,
						    &master_cf, &host, NULL},
				     &problems, &warnings),
		    cases[i].problem == NULL);
		assert_only(&problems, cases[i].problem);
		assert_only(&warnings, cases[i].warning);
		warnings_finish(&problems);
		warnings_finish(&warnings);
		pool_destroy(pool);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_check),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
