/* SPDX-License-Identifier: MIT */
#include "lib/param/common.h"
#include "lib/param/known.h"
#include "lib/param/nearest.h"

#include "../../unit.h"

static void
test_rows(void **state UNUSED)
{
	size_t count;
	const struct known *rows = known_all(&count);

	assert_true(count > 800);
	for (size_t i = 0; i < count; i++) {
		struct span name = span_text(rows[i].name);

		if (i > 0)
			assert_true(strcmp(rows[i - 1].name, rows[i].name) < 0);
		assert_ptr_equal(known_find(name), &rows[i]);
		assert_null(param_find(&common_param_set, name));
		assert_int_equal(rows[i].note != NULL,
		    rows[i].status == KNOWN_UNSAFE ||
			rows[i].status == KNOWN_UNSUPPORTED);
	}
}

static const struct {
	const char *name;
	const char *row; /* NULL = unknown */
} finds[] = {
    {"smtpd_milters", "smtpd_milters"},
    {"local_destination_concurrency_limit",
	"local_destination_concurrency_limit"},
    {"smtp-amavis_destination_concurrency_limit",
	"transport_destination_concurrency_limit"},
    {"x_destination_recipient_limit", "transport_destination_recipient_limit"},
    {"x_extra_recipient_limit", "transport_extra_recipient_limit"},
    {"x_recipient_limit", "transport_recipient_limit"},
    {"policy_time_limit", "transport_time_limit"},
    {"slow_transport_rate_delay", "transport_transport_rate_delay"},
    {"_time_limit", NULL},
    {"smtpd_milter", NULL},
    {"", NULL},
};

static void
test_find(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(finds); i++) {
		const struct known *known =
		    known_find(span_text(finds[i].name));

		assert_int_equal(known != NULL, finds[i].row != NULL);
		if (known != NULL)
			assert_string_equal(known->name, finds[i].row);
	}
}

static const struct {
	const char *name;
	const char *value;
	const char *default_value;
	enum known_verdict verdict;
} verdicts[] = {
    {"html_directory", "/usr/share/doc", "no", KNOWN_FINE},
    {"smtpd_milters", "", "", KNOWN_FINE},
    {"smtpd_milters", "inet:localhost:11332", "", KNOWN_STOP},
    {"content_filter", "smtp-amavis:[127.0.0.1]:10024", "", KNOWN_STOP},
    {"smtpd_tls_security_level", "may", "", KNOWN_WARN},
    {"smtpd_tls_security_level", "encrypt", "", KNOWN_STOP},
    {"smtp_tls_security_level", "dane", "may", KNOWN_STOP},
    {"smtpd_recipient_restrictions", "permit_mynetworks, permit", "",
	KNOWN_WARN},
    {"smtpd_recipient_restrictions", "permit_mynetworks, reject", "",
	KNOWN_STOP},
    {"smtpd_sasl_auth_enable", "yes", "no", KNOWN_WARN},
    {"smtpd_sasl_auth_enable", "no", "no", KNOWN_FINE},
    {"qmqpd_timeout", "10s", "300s", KNOWN_WARN},
    {"authorized_submit_users", "!www, static:all", "static:anyone",
	KNOWN_STOP},
};

static void
test_judge(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(verdicts); i++) {
		const struct known *known =
		    known_find(span_text(verdicts[i].name));

		assert_non_null(known);
		assert_int_equal(
		    known_judge(known, span_text(verdicts[i].value),
			span_text(verdicts[i].default_value)),
		    verdicts[i].verdict);
	}
}

static const struct {
	const char *wanted;
	const char *name; /* NULL = none is near */
} near[] = {
    {"smtpd_milter", "smtpd_milters"},
    {"smtpd_recipient_restriction", "smtpd_recipient_restrictions"},
    {"smtpd_recpient_restrictions", "smtpd_recipient_restrictions"},
    {"smtdp_banner", "smtpd_banner"},
    {"relayhosts_are_mine", NULL},
    {"x", NULL},
    {"", NULL},
};

static void
test_nearest(void **state UNUSED)
{
	char name[200];

	for (size_t i = 0; i < COUNT_OF(near); i++) {
		const char *found = known_nearest(span_text(near[i].wanted));

		assert_int_equal(found != NULL, near[i].name != NULL);
		if (found != NULL)
			assert_string_equal(found, near[i].name);
	}
	memset(name, 'a', sizeof name);
	assert_null(known_nearest(span_of(name, sizeof name)));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_rows),
	    cmocka_unit_test(test_find),
	    cmocka_unit_test(test_judge),
	    cmocka_unit_test(test_nearest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
