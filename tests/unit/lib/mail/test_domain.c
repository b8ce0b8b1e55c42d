/* SPDX-License-Identifier: MIT */
#include "lib/mail/domain.h"

#include "../../unit.h"

#define LABEL_63 \
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static const struct {
	const char *domain;
	bool is_hostname;
	bool is_hostname_utf8;
	bool is_fully_qualified;
} names[] = {
    {"example.com", true, true, true},
    {"localhost", true, true, false},
    {"a_b.example", true, true, true},
    {"3com.com", true, true, true},
    {"1.2.3.4", false, false, false},
    {"1234", false, false, false},
    {"", false, false, false},
    {".", false, false, false},
    {"a.", false, false, false},
    {".a", false, false, false},
    {"a..b", false, false, false},
    {"-a.b", false, false, false},
    {"a-.b", false, false, false},
    {"a--b.c", true, true, true},
    {"xn--bcher-kva.example", true, true, true},
    {"a b.c", false, false, false},
    {"a/b.c", false, false, false},
    {"a\r\nb", false, false, false},
    {"b\xc3\xbc"
     "cher.example",
	false, true, true},
    {"b\xc3.example", false, false, false},
    {LABEL_63 ".a", true, true, true},
    {LABEL_63 "a.a", false, false, false},
    {LABEL_63 "." LABEL_63 "." LABEL_63 "." LABEL_63, true, true, true},
    {LABEL_63 "." LABEL_63 "." LABEL_63 "." LABEL_63 ".a", false, false, false},
};

static void
test_hostname(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		struct span domain = span_text(names[i].domain);

		assert_int_equal(domain_is_hostname(domain, false, NULL),
		    names[i].is_hostname);
		assert_int_equal(domain_is_hostname(domain, true, NULL),
		    names[i].is_hostname_utf8);
		assert_int_equal(domain_is_fully_qualified(domain),
		    names[i].is_fully_qualified);
	}
}

static void
test_words(void **state UNUSED)
{
	struct error error;

	assert_false(domain_is_hostname(SPAN("a..b"), false, &error));
	assert_string_equal(error.text, "empty label");
	assert_false(domain_is_hostname(SPAN("a-"), false, &error));
	assert_string_equal(error.text, "misplaced hyphen");
	assert_false(domain_is_hostname(SPAN("a b"), false, &error));
	assert_string_equal(error.text, "invalid character 32");
}

static const struct {
	const char *domain;
	const char *ip; /* NULL: no literal */
	bool is_general;
} literals[] = {
    {"[192.0.2.1]", "192.0.2.1", false},
    {"[IPv6:2001:db8::1]", "2001:db8::1", true},
    {"[ipv6:::1]", "::1", true},
    {"[IPv6:::ffff:192.0.2.1]", "::ffff:192.0.2.1", true},
    {"[2001:db8::1]", NULL, false},
    {"[192.0.2]", NULL, false},
    {"[192.0.2.256]", NULL, false},
    {"[IPv6:192.0.2.1]", NULL, false},
    {"[IPv6:::1%eth0]", NULL, false},
    {"[]", NULL, false},
    {"[", NULL, false},
    {"]", NULL, false},
    {"", NULL, false},
    {"192.0.2.1", NULL, false},
    {"[x400:c=us/a=b]", NULL, true},
    {"[tag:]", NULL, false},
    {"[:a]", NULL, false},
    {"[tag-:a]", NULL, false},
    {"[tag:a b]", NULL, false},
    {"[tag:a[b]", NULL, false},
    {"[tag:a@b]", NULL, false},
    {"[tag:a>b]", NULL, false},
    {"[1111111111111111111111111111111111111111111111111111111111]", NULL,
	false},
};

static void
test_literal(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(literals); i++) {
		struct span domain = span_text(literals[i].domain);
		struct span ip;
		bool is_literal = domain_is_literal(domain, &ip);

		assert_int_equal(is_literal, literals[i].ip != NULL);
		if (is_literal)
			assert_span(ip, literals[i].ip);
		assert_int_equal(
		    domain_is_general_literal(domain), literals[i].is_general);
	}
	assert_false(domain_is_literal(SPAN("[1.2.3.4\0]"), NULL));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_hostname),
	    cmocka_unit_test(test_words),
	    cmocka_unit_test(test_literal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
