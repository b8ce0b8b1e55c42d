/* SPDX-License-Identifier: MIT */
#include "lib/net/network.h"

#include "../../unit.h"

static void
parse(void **state UNUSED)
{
	static const struct {
		const char *in;
		int bits; /* -1: refused */
	} cases[] = {
	    {"192.0.2.0/24", 24},
	    {"192.0.2.1", 32},
	    {"192.0.2.128/25", 25},
	    {"0.0.0.0/0", 0},
	    {"[::1]/128", 128},
	    {"[::1]", 128},
	    {"[2001:db8::/32]", 32},
	    {"[2001:db8::]/32", 32},
	    {"2001:db8::/33", 33},
	    {"[127.0.0.1]", 32},
	    {"::ffff:192.0.2.0/120", 24},
	    {"::ffff:0.0.0.0/96", 0},
	    {"::ffff:192.0.2.0/24", -1},
	    {"192.0.2.1/24", -1},
	    {"192.0.2.0/33", -1},
	    {"192.0.2.0/", -1},
	    {"192.0.2.0/ 24", -1},
	    {"192.0.2.0/+24", -1},
	    {"[192.0.2.0/24", -1},
	    {"192.0.2.0]/24", -1},
	    {"[]", -1},
	    {"[", -1},
	    {"]", -1},
	    {"", -1},
	    {"/24", -1},
	    {"2001:db8::1/127", -1},
	    {"2001:db8::/129", -1},
	    {"192.0.2/24", -1},
	    {"host.example", -1},
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct network network;
		struct error error;
		bool valid =
		    network_parse(span_text(cases[i].in), &network, &error);

		if (valid != (cases[i].bits >= 0))
			fail_msg("%s", cases[i].in);
		if (valid)
			assert_int_equal(network.bits, cases[i].bits);
		else
			assert_int_equal(error.kind, ERROR_INVALID);
	}
}

static void
has(void **state UNUSED)
{
	static const struct {
		const char *network;
		const char *address;
		bool want;
	} cases[] = {
	    {"192.0.2.0/24", "192.0.2.255", true},
	    {"192.0.2.0/24", "192.0.3.0", false},
	    {"192.0.2.128/25", "192.0.2.127", false},
	    {"192.0.2.128/25", "192.0.2.129", true},
	    {"192.0.2.0/24", "::ffff:192.0.2.1", true},
	    {"0.0.0.0/0", "203.0.113.5", true},
	    {"0.0.0.0/0", "::1", false},
	    {"::/0", "::1", true},
	    {"::/0", "127.0.0.1", false},
	    {"::1", "::1", true},
	    {"::1", "::2", false},
	    {"2001:db8:8000::/33", "2001:db8:ffff::1", true},
	    {"2001:db8:8000::/33", "2001:db8:7fff::1", false},
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct network network;
		struct address address;

		assert_true(
		    network_parse(span_text(cases[i].network), &network, NULL));
		assert_true(
		    address_parse_ip(span_text(cases[i].address), 0, &address));
		if (network_has(&network, &address) != cases[i].want)
			fail_msg(
			    "%s in %s", cases[i].address, cases[i].network);
	}
	assert_false(network_has(
	    &(struct network){.family = AF_INET}, &(struct address){0}));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(parse),
	    cmocka_unit_test(has),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
