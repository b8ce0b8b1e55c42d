/* SPDX-License-Identifier: MIT */
#include "lib/base/buf.h"

#include "../unit.h"
#include "smtp/tls_policy.h"

/* What was read, in one text: level, then what is set. */
static const struct {
	const char *text;
	const char *policy; /* NULL = refused */
} policies[] = {
    {"none", "none"},
    {"May", "may"},
    {"encrypt", "encrypt"},
    {"dane", "dane"},
    {"half-dane", "dane"},
    {"dane-only", "dane-only"},
    {"fingerprint match=aa:bb|cc:dd match=ee", "fingerprint aa:bb|cc:dd ee"},
    {"verify", "verify"},
    {"secure match=a:b, protocols=TLSv1.3", "secure a:b p=TLSv1.3"},
    {"encrypt ciphers=high exclude=aNULL:MD5", "encrypt c=high x=aNULL:MD5"},
    {"secure { match = a b } servername=hostname", "secure a b s=hostname"},
    {"may connection_reuse=yes policy_type=sts policy_ttl=1", "may"},
    {"", NULL},
    {"always", NULL},
    {"may,none", NULL},
    {"match=a", NULL},
    {"secure match", NULL},
    {"may match=a", NULL},
    {"encrypt match=a", NULL},
    {"secure matches=a", NULL},
    {"secure tafile=/etc/ca.pem", NULL},
    {"may protocols=TLSv9", NULL},
    {"may protocols=!TLSv1.3:<=SSLv3", NULL},
    {"may ciphers=HIGH:@SECLEVEL=0", NULL},
    {"secure match=1 match=2 match=3 match=4 match=5 match=6 match=7 match=8 "
     "match=9 match=10 match=11 match=12 match=13 match=14 match=15 match=16 "
     "match=17",
	NULL},
};

static void
add_part(struct buf *out, const char *label, struct span value)
{
	if (value.len > 0)
		buf_printf(out, " %s%.*s", label, SPAN_ARGS(value));
}

static void
test_policies(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(policies); i++) {
		struct tls_policy policy;
		struct error error = {.text = ""};
		struct buf out;
		bool good = tls_policy_parse(
		    span_text(policies[i].text), &policy, &error);

		if (good != (policies[i].policy != NULL))
			fail_msg("%s: %s", policies[i].text, error.text);
		if (!good)
			continue;
		buf_init(&out, 1000);
		buf_append_text(&out, tls_level_name(policy.level));
		for (size_t j = 0; j < policy.match_count; j++)
			add_part(&out, "", policy.matches[j]);
		add_part(&out, "p=", policy.protocols);
		add_part(&out, "c=", policy.ciphers);
		add_part(&out, "x=", policy.exclude);
		add_part(&out, "s=", policy.server_name);
		assert_span(buf_span(&out), policies[i].policy);
		buf_finish(&out);
	}
}

static const struct {
	const char *list;
	enum tls_level level;
	const char *words; /* each with a LF */
} matches[] = {
    {"a:b, c d", TLS_LEVEL_SECURE, "a\nb\nc\nd\n"},
    {"aa:bb|cc:dd, ee:ff", TLS_LEVEL_FINGERPRINT, "aa:bb\ncc:dd\nee:ff\n"},
    {"", TLS_LEVEL_VERIFY, ""},
    {":,", TLS_LEVEL_VERIFY, ""},
};

static void
test_matches(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(matches); i++) {
		struct span rest = span_text(matches[i].list);
		struct span word;
		struct buf out;

		buf_init(&out, 1000);
		while (tls_policy_take_match(&rest, matches[i].level, &word))
			buf_printf(&out, "%.*s\n", SPAN_ARGS(word));
		assert_span(buf_span(&out), matches[i].words);
		buf_finish(&out);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_policies),
	    cmocka_unit_test(test_matches),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
