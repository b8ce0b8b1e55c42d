/* SPDX-License-Identifier: MIT */
#include "lib/param/known.h"

#include "../../unit.h"
#include "master/postconf/catalogue.h"

/* Postern's own answers where Postfix has another default. */
static const char *const deviations[] = {
    "smtpd_forbid_bare_newline",
    "smtpd_forbidden_commands",
    "smtpd_relay_restrictions",
};

static bool
is_deviation(const char *name)
{
	for (size_t i = 0; i < COUNT_OF(deviations); i++)
		if (strcmp(deviations[i], name) == 0)
			return true;
	return false;
}

static void
check_spec(const struct param_spec *spec)
{
	struct span name = span_text(spec->name);
	struct span value = span_text(spec->default_text);
	const struct known *known = known_find(name);
	struct error error;

	/* Declared once: the first one found is this one. */
	if (catalogue_find(name) != spec)
		fail_msg("%s is declared twice", spec->name);
	if (span_find(value, '$') == value.len && value.at[0] != '(' &&
	    spec->type != PARAM_RAW && !param_check(spec, value, &error))
		fail_msg("default of %s: %s", spec->name, error.text);
	if (strlen(spec->doc) < 10 || strchr(spec->doc, ' ') == NULL)
		fail_msg("%s has no documentation", spec->name);
	if (known != NULL && strcmp(known->name, spec->name) == 0 &&
	    !is_deviation(spec->name))
		assert_string_equal(spec->default_text, known->default_text);
}

static void
test_every_parameter(void **state UNUSED)
{
	const struct param_set *const *sets = catalogue_sets();

	assert_string_equal(sets[0]->owner, "common");
	assert_non_null(sets[1]);
	for (; *sets != NULL; sets++)
		for (size_t i = 0; i < (*sets)->count; i++)
			check_spec(&(*sets)->specs[i]);
}

static void
test_questions(void **state UNUSED)
{
	assert_true(catalogue_honours(SPAN("myhostname")));
	assert_false(catalogue_honours(SPAN("html_directory")));
	assert_false(catalogue_honours(SPAN("my_own")));
	assert_true(catalogue_knows(SPAN("html_directory")));
	assert_true(catalogue_knows(SPAN("slow_destination_rate_delay")));
	assert_false(catalogue_knows(SPAN("my_own")));
	assert_int_equal(
	    catalogue_honours(SPAN("slow_destination_recipient_limit")),
	    catalogue_find(SPAN("default_destination_recipient_limit")) !=
		NULL);
	assert_true(
	    catalogue_honours(SPAN("slow_initial_destination_concurrency")));
	assert_false(catalogue_honours(SPAN("slow_delivery_slot_cost")));
	assert_string_equal(catalogue_default(SPAN("mydestination")),
	    "$myhostname, localhost.$mydomain, localhost");
	assert_string_equal(catalogue_default(SPAN("html_directory")), "no");
	assert_null(catalogue_default(SPAN("myhostname")));
	assert_null(catalogue_default(SPAN("my_own")));
	assert_true(catalogue_is_raw(SPAN("forward_path")));
	assert_false(catalogue_is_raw(SPAN("mydestination")));
	assert_string_equal(catalogue_nearest(SPAN("myhostnam")), "myhostname");
	assert_null(catalogue_nearest(SPAN("entirely_different_thing")));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_every_parameter),
	    cmocka_unit_test(test_questions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
