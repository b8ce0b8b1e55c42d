/* SPDX-License-Identifier: MIT */
#include "lib/param/common.h"
#include "lib/param/host.h"

#include "../../unit.h"

struct test_params {
#define PARAM PARAM_FIELD
#include "test_param.def"
#undef PARAM
};

#define PARAM_STRUCT struct test_params
#define PARAM        PARAM_SPEC
static const struct param_spec specs[] = {
#include "test_param.def"
};

static const struct param_set test_set = PARAM_SET("test", specs);

static void
say_mail(char *name, size_t size)
{
	snprintf(name, size, "mail.example.com");
}

static void
say_short(char *name, size_t size)
{
	snprintf(name, size, "box");
}

static size_t
no_addresses(struct host_address *addresses UNUSED, size_t maximum UNUSED)
{
	return 0;
}

static const struct host full_host = {say_mail, no_addresses};
static const struct host short_host = {say_short, no_addresses};

struct fixture {
	struct pool *pool;
	struct param_source source;
	struct warnings warnings;
	struct test_params params;
	struct common_params common;
	struct error error;
};

/* Makes a source of `main_cf`. */
static void
prepare(struct fixture *fixture, const struct host *host, const char *main_cf)
{
	struct config *config;

	*fixture = (struct fixture){
	    .pool = pool_create(NULL, "test", POOL_NO_MAXIMUM),
	};
	config = config_create(fixture->pool);
	assert_true(config_parse(
	    config, "main.cf", span_text(main_cf), NULL, &fixture->error));
	warnings_init(&fixture->warnings);
	fixture->source = (struct param_source){
	    .config = config,
	    .host = host,
	    .process_name = "smtpd",
	    .service_name = "submission",
	    .warnings = &fixture->warnings,
	};
}

static bool
load(struct fixture *fixture)
{
	return param_load(&test_set, &fixture->source, &fixture->params,
	    fixture->pool, &fixture->error);
}

static bool
load_common(struct fixture *fixture)
{
	return param_load(&common_param_set, &fixture->source, &fixture->common,
	    fixture->pool, &fixture->error);
}

static void
finish(struct fixture *fixture)
{
	warnings_finish(&fixture->warnings);
	pool_destroy(fixture->pool);
}

static void
test_defaults(void **state UNUSED)
{
	struct fixture fixture;

	prepare(&fixture, &full_host, "");
	assert_true(load(&fixture));
	assert_string_equal(
	    fixture.params.banner, "mail.example.com ESMTP Postern");
	assert_string_equal(fixture.params.note, "");
	assert_string_equal(fixture.params.reply, "$rbl_code no");
	assert_false(fixture.params.strict);
	assert_int_equal(fixture.params.error_limit, 20);
	assert_int_equal(fixture.params.queue_limit, 10000);
	assert_int_equal(fixture.params.hello_timeout, 300);
	assert_int_equal(fixture.params.lifetime, 432000);
	assert_int_equal(fixture.params.warning_time, 432000);
	assert_int_equal(fixture.params.preference, 0);
	assert_true(
	    fixture.params.default_destination_concurrency_positive_feedback
		.number == 0.5);
	assert_int_equal(fixture.warnings.count, 0);
	finish(&fixture);
}

static void
test_stress(void **state UNUSED)
{
	struct fixture fixture;

	prepare(&fixture, &full_host, "");
	fixture.source.stress = true;
	assert_true(load(&fixture));
	assert_int_equal(fixture.params.error_limit, 1);
	assert_int_equal(fixture.params.hello_timeout, 10);
	finish(&fixture);
}

static void
test_values(void **state UNUSED)
{
	struct fixture fixture;

	prepare(&fixture, &full_host,
	    "mine = <$service_name>\n"
	    "banner = $mine $nobody\n"
	    "reply = ${broken\n"
	    "strict = YES\n"
	    "queue_limit = 9223372036854775807\n"
	    "lifetime = 3\n"
	    "hello_timeout = 5m\n"
	    "preference = IPv6\n");
	assert_true(load(&fixture));
	assert_string_equal(fixture.params.banner, "<submission>");
	assert_string_equal(fixture.params.reply, "${broken");
	assert_true(fixture.params.strict);
	assert_int_equal(fixture.params.queue_limit, INT64_MAX);
	assert_int_equal(fixture.params.lifetime, 259200);
	assert_int_equal(fixture.params.hello_timeout, 300);
	assert_int_equal(fixture.params.preference, 2);
	assert_int_equal(fixture.warnings.count, 1);
	assert_string_equal(
	    fixture.warnings.text[0], "undefined parameter: nobody");
	finish(&fixture);
}

static const struct {
	const char *main_cf;
	const char *error;
} bad[] = {
    {"\nqueue_limit = 10x",
	"main.cf, line 2: queue_limit = 10x: expected a number of at least 0"},
    {"queue_limit = 9223372036854775808",
	"main.cf, line 1: queue_limit = 9223372036854775808: expected a number "
	"of at least 0"},
    {"error_limit = 0",
	"main.cf, line 1: error_limit = 0: expected a number between 1 and "
	"1000"},
    {"error_limit =",
	"main.cf, line 1: error_limit = : expected a number between 1 and "
	"1000"},
    {"strict = maybe", "main.cf, line 1: strict = maybe: expected yes or no"},
    {"hello_timeout = 2h",
	"main.cf, line 1: hello_timeout = 2h: expected a duration between 1s "
	"and 1h, such as 30s or 5m"},
    {"warning_time = soon",
	"main.cf, line 1: warning_time = soon: expected a duration of at least "
	"0s, such as 30s or 5m"},
    {"preference = ipv5",
	"main.cf, line 1: preference = ipv5: expected one of: any ipv4 ipv6"},
    {"banner = $nothing",
	"main.cf, line 1: banner = : expected a value that is not empty"},
    {"note = 12345678901",
	"main.cf, line 1: note = 12345678901: expected 0 to 10 bytes, found "
	"11"},
    {"banner = ${x",
	"main.cf, line 1: banner = ${x: \"{\" without \"}\" in \"{x\""},
    {"banner = $banner",
	"main.cf, line 1: banner = $banner: \"banner\" refers to itself"},
    {"myhostname = ${x",
	"default of banner: $myhostname ESMTP $mail_name: \"{\" without \"}\" "
	"in \"{x\""},
};

static void
test_bad_values(void **state UNUSED)
{
	struct fixture fixture;

	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		prepare(&fixture, &full_host, bad[i].main_cf);
		assert_false(load(&fixture));
		assert_string_equal(fixture.error.text, bad[i].error);
		finish(&fixture);
	}
}

static void
test_common_defaults(void **state UNUSED)
{
	struct fixture fixture;

	prepare(&fixture, &full_host, "");
	assert_true(load_common(&fixture));
	assert_string_equal(fixture.common.myhostname, "mail.example.com");
	assert_string_equal(fixture.common.mydomain, "example.com");
	assert_string_equal(fixture.common.mydestination,
	    "mail.example.com, localhost.example.com, localhost");
	assert_string_equal(
	    fixture.common.relay_domains, fixture.common.mydestination);
	assert_string_equal(fixture.common.syslog_name, "postfix");
	assert_string_equal(fixture.common.alias_maps, "hash:/etc/aliases");
	assert_string_equal(fixture.common.virtual_alias_domains, "");
	assert_true(fixture.common.append_dot_mydomain);
	assert_int_equal(fixture.common.message_size_limit, 10240000);
	assert_int_equal(fixture.warnings.count, 0);
	finish(&fixture);
}

static void
test_compatibility_level(void **state UNUSED)
{
	struct fixture fixture;

	prepare(&fixture, &full_host, "compatibility_level = 3.11\n");
	assert_true(load_common(&fixture));
	assert_string_equal(fixture.common.relay_domains, "");
	assert_string_equal(fixture.common.mynetworks_style, "host");
	assert_false(fixture.common.append_dot_mydomain);
	finish(&fixture);
}

static const struct {
	const struct host *host;
	const char *main_cf;
	const char *myhostname;
	const char *mydomain;
} identities[] = {
    {&full_host, "", "mail.example.com", "example.com"},
    {&short_host, "", "box.localdomain", "localdomain"},
    {&short_host, "mydomain = example.net", "box.example.net", "example.net"},
    {&short_host, "myhostname = mx.example.org", "mx.example.org",
	"example.org"},
    {&short_host, "myhostname = mx", "mx", "localdomain"},
    {&short_host, "d = example.org\nmyhostname = mx.$d", "mx.example.org",
	"example.org"},
    {&full_host, "mydomain = a.example\nmyhostname = b.$mydomain",
	"b.a.example", "a.example"},
};

static void
test_identity(void **state UNUSED)
{
	struct fixture fixture;

	for (size_t i = 0; i < COUNT_OF(identities); i++) {
		prepare(&fixture, identities[i].host, identities[i].main_cf);
		assert_true(load_common(&fixture));
		assert_string_equal(
		    fixture.common.myhostname, identities[i].myhostname);
		assert_string_equal(
		    fixture.common.mydomain, identities[i].mydomain);
		finish(&fixture);
	}
}

static void
test_circular_identity(void **state UNUSED)
{
	struct fixture fixture;

	prepare(&fixture, &full_host, "myhostname = mail.$mydomain\n");
	assert_false(load_common(&fixture));
	assert_string_equal(fixture.error.text,
	    "main.cf, line 1: myhostname = mail.$mydomain: myhostname and "
	    "mydomain are made of each other");
	finish(&fixture);
}

static void
test_other_names(void **state UNUSED)
{
	const struct param_set *const sets[] = {&test_set, NULL};
	struct fixture fixture;
	struct span value;
	struct buf out;

	prepare(&fixture, &full_host, "smtp_x_limit = 3\n");
	fixture.source.sets = sets;
	buf_init(&out, 1000);
	assert_true(param_expand(&fixture.source,
	    SPAN("$error_limit $smtpd_hard_error_limit $process_name "
		 "${relay_destination_concurrency_limit} "
		 "${slow-scan_destination_concurrency_limit}"),
	    &out, &fixture.error));
	assert_string_equal(buf_text(&out), "20 20 smtpd 20 20");
	assert_true(param_get(&fixture.source, fixture.pool,
	    SPAN("local_destination_concurrency_limit"), &value));
	assert_span(value, "2");
	assert_false(
	    param_get(&fixture.source, fixture.pool, SPAN("none"), &value));
	buf_finish(&out);
	finish(&fixture);
}

static void
test_services(void **state UNUSED)
{
	struct fixture fixture;
	struct test_params own;

	prepare(&fixture, &full_host,
	    "default_destination_rate_delay = 2s\n"
	    "delay = 3\n"
	    "slow_destination_rate_delay = ${delay}m\n"
	    "slow_destination_concurrency_limit = 7\n"
	    "my_destination_concurrency_positive_feedback = 1/concurrency\n");
	assert_true(load(&fixture));
	own = fixture.params;
	assert_true(param_load_service(&test_set, &fixture.source, SPAN("slow"),
	    &own, fixture.pool, &fixture.error));
	assert_int_equal(own.default_destination_rate_delay, 180);
	assert_int_equal(own.default_destination_concurrency_limit, 7);
	own = fixture.params;
	assert_true(param_load_service(&test_set, &fixture.source, SPAN("my"),
	    &own, fixture.pool, &fixture.error));
	assert_int_equal(own.default_destination_rate_delay, 2);
	assert_int_equal(own.default_destination_concurrency_limit, 20);
	assert_int_equal(
	    own.default_destination_concurrency_positive_feedback.divisor,
	    FEEDBACK_BY_CONCURRENCY);
	assert_true(param_load_service(&test_set, &fixture.source,
	    SPAN("local"), &own, fixture.pool, &fixture.error));
	assert_int_equal(own.default_destination_concurrency_limit, 2);
	finish(&fixture);
}

static const struct {
	const char *main_cf;
	const char *error;
} bad_services[] = {
    {"\nslow_destination_rate_delay = 5x\n",
	"main.cf, line 2: slow_destination_rate_delay = 5x: expected a "
	"duration between 0s and 1h, such as 30s or 5m"},
    {"x = many\nlocal_destination_concurrency_limit = $x\n",
	"main.cf, line 2: local_destination_concurrency_limit = many: expected "
	"a number between 0 and 1000"},
    {"a_destination_concurrency_positive_feedback = 2\n",
	"main.cf, line 1: a_destination_concurrency_positive_feedback = 2: "
	"expected a number between 0 and 1, or such a number / concurrency, "
	"or / sqrt_concurrency"},
};

static void
test_bad_services(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(bad_services); i++) {
		struct fixture fixture;

		prepare(&fixture, &full_host, bad_services[i].main_cf);
		assert_false(load(&fixture));
		assert_string_equal(fixture.error.text, bad_services[i].error);
		finish(&fixture);
	}
}

static void
test_every_default_fits(void **state UNUSED)
{
	for (size_t i = 0; i < common_param_set.count; i++) {
		const struct param_spec *spec = &common_param_set.specs[i];
		struct span text = span_text(spec->default_text);

		if (span_find(text, '$') == text.len &&
		    span_find(text, '(') == text.len)
			assert_true(param_check(spec, text, NULL));
		assert_true(strlen(spec->doc) > 10);
		assert_int_equal(spec->doc[strlen(spec->doc) - 1], '.');
		assert_ptr_equal(
		    spec, param_find(&common_param_set, span_text(spec->name)));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_defaults),
	    cmocka_unit_test(test_stress),
	    cmocka_unit_test(test_values),
	    cmocka_unit_test(test_bad_values),
	    cmocka_unit_test(test_common_defaults),
	    cmocka_unit_test(test_compatibility_level),
	    cmocka_unit_test(test_identity),
	    cmocka_unit_test(test_circular_identity),
	    cmocka_unit_test(test_other_names),
	    cmocka_unit_test(test_services),
	    cmocka_unit_test(test_bad_services),
	    cmocka_unit_test(test_every_default_fits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
