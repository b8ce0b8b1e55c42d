/* SPDX-License-Identifier: MIT */
#include "../unit.h"
#include "smtp/next_hop.h"

enum {
	PORT = 25 /* when none is named */
};

static void
test_good(void **state UNUSED)
{
	static const struct {
		const char *text;
		bool lmtp;
		const char *host;
		const char *path;
		unsigned port;
		bool is_exact;
		bool is_ip;
	} cases[] = {
	    {"example.com", false, "example.com", "", 25, false, false},
	    {"example.com:587", false, "example.com", "", 587, false, false},
	    {"example.com:submission", false, "example.com", "", 587, false,
		false},
	    {"[mx.example.com]", false, "mx.example.com", "", 25, true, false},
	    {"[mx.example.com]:2525", false, "mx.example.com", "", 2525, true,
		false},
	    {"[192.0.2.1]", false, "192.0.2.1", "", 25, true, true},
	    {"192.0.2.1:26", false, "192.0.2.1", "", 26, true, true},
	    {"[2001:db8::1]:26", false, "2001:db8::1", "", 26, true, true},
	    {"[IPv6:2001:db8::1]", false, "2001:db8::1", "", 25, true, true},
	    {"unix:/run/lmtp", true, "", "/run/lmtp", 25, false, false},
	    {"unix:private/lmtp", true, "", "private/lmtp", 25, false, false},
	    {"inet:host:24", true, "host", "", 24, true, false},
	    {"inet:[::1]:24", true, "::1", "", 24, true, true},
	    {"host", true, "host", "", 25, true, false},
	};
	struct next_hop next_hop;
	struct error error;

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		assert_true(next_hop_parse(span_text(cases[i].text),
		    cases[i].lmtp, PORT, &next_hop, &error));
		assert_span(next_hop.host, cases[i].host);
		assert_span(next_hop.path, cases[i].path);
		assert_int_equal(next_hop.port, cases[i].port);
		assert_int_equal(next_hop.is_exact, cases[i].is_exact);
		assert_int_equal(next_hop.is_ip, cases[i].is_ip);
	}
}

static void
test_bad(void **state UNUSED)
{
	static const char *const cases[] = {
	    "",
	    ":25",
	    "host:",
	    "host:0",
	    "host:65536",
	    "host:no-such-service",
	    "[host",
	    "[host]25",
	    "[host]:",
	    "[]",
	    "[]:25",
	    "2001:db8::1",
	    "unix:/run/lmtp",
	};
	struct next_hop next_hop;
	struct error error;

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		assert_false(next_hop_parse(
		    span_text(cases[i]), false, PORT, &next_hop, &error));
		assert_int_equal(error.kind, ERROR_INVALID);
	}
	assert_false(
	    next_hop_parse(SPAN("unix:"), true, PORT, &next_hop, &error));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_good),
	    cmocka_unit_test(test_bad),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
