/* SPDX-License-Identifier: MIT */
#include <unistd.h>

#include "lib/net/address.h"

#include "../../unit.h"

static void
parse_and_format(void **state UNUSED)
{
	static const struct {
		const char *in;
		const char *want; /* NULL: refused */
	} cases[] = {
	    {"127.0.0.1", "127.0.0.1"},
	    {"255.255.255.255", "255.255.255.255"},
	    {"2001:DB8::1", "2001:db8::1"},
	    {"::", "::"},
	    {"::ffff:192.0.2.7", "192.0.2.7"},
	    {"::FFFF:c000:0207", "192.0.2.7"},
	    {"::192.0.2.7", "::192.0.2.7"},
	    {"", NULL},
	    {"127.1", NULL},
	    {"127.0.0.01x", NULL},
	    {"0x7f.0.0.1", NULL},
	    {" 127.0.0.1", NULL},
	    {"127.0.0.1 ", NULL},
	    {"[::1]", NULL},
	    {"fe80::1%lo", NULL},
	    {"256.0.0.1", NULL},
	    {"1:2:3:4:5:6:7:8:9", NULL},
	    {"1111111111111111111111111111111111111111111111111111111111111"
	     "1111111111",
		NULL},
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct address address;
		char text[ADDRESS_TEXT_SIZE];
		bool valid =
		    address_parse_ip(span_text(cases[i].in), 25, &address);

		assert_int_equal(valid, cases[i].want != NULL);
		if (!valid)
			continue;
		assert_string_equal(
		    address_format_ip(&address, text), cases[i].want);
		assert_int_equal(address_port(&address), 25);
		assert_true(address_is_ip(&address));
	}
	assert_false(
	    address_parse_ip(SPAN("127.0.0.1\0"), 1, &(struct address){0}));
}

static struct address
parsed(const char *text, uint16_t port)
{
	struct address address;

	assert_true(address_parse_ip(span_text(text), port, &address));
	return address;
}

static void
compare(void **state UNUSED)
{
	struct address a = parsed("192.0.2.1", 25);
	struct address b = parsed("::ffff:192.0.2.1", 26);
	struct address c = parsed("192.0.2.2", 25);
	struct address d = parsed("2001:db8::1", 25);
	struct address none = {0};

	assert_true(address_same_ip(&a, &b));
	assert_false(address_same_ip(&a, &c));
	assert_false(address_same_ip(&a, &d));
	assert_false(address_same_ip(&none, &none));
	address_set_port(&b, 2525);
	assert_int_equal(address_port(&b), 2525);
	assert_true(address_is_loopback(&(struct address){0}) == false);
	a = parsed("127.9.9.9", 0);
	assert_true(address_is_loopback(&a));
	a = parsed("::1", 0);
	assert_true(address_is_loopback(&a));
	assert_false(address_is_loopback(&d));
}

static void
from_bytes(void **state UNUSED)
{
	char text[ADDRESS_TEXT_SIZE];
	struct address address =
	    address_from_bytes(SPAN("\xc0\x00\x02\x09"), 53);

	assert_string_equal(address_format_ip(&address, text), "192.0.2.9");
	address = address_from_bytes(
	    SPAN("\0\0\0\0\0\0\0\0\0\0\xff\xff\xc0\x00\x02\x0a"), 53);
	assert_string_equal(address_format_ip(&address, text), "192.0.2.10");
	assert_int_equal(address_bytes(&address).len, 4);
}

static void
local_paths(void **state UNUSED)
{
	struct address address;
	struct error error;
	char text[ADDRESS_TEXT_SIZE];
	char path[120];

	assert_true(address_local(SPAN("/run/x"), &address, &error));
	assert_string_equal(address.local.sun_path, "/run/x");
	assert_false(address_is_ip(&address));
	assert_int_equal(address_port(&address), 0);
	assert_string_equal(address_format_ip(&address, text), "unknown");
	assert_false(address_local(SPAN(""), &address, &error));
	assert_false(address_local(SPAN("\0abstract"), &address, &error));
	memset(path, 'x', sizeof path);
	assert_true(address_local(span_of(path, 107), &address, &error));
	assert_false(address_local(span_of(path, 108), &address, &error));
	assert_int_equal(error.kind, ERROR_INVALID);
}

static void
of_descriptors(void **state UNUSED)
{
	struct address address = address_of_peer(-1);

	assert_int_equal(address.len, 0);
	address = address_of_socket(-1);
	assert_int_equal(address.len, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(parse_and_format),
	    cmocka_unit_test(compare),
	    cmocka_unit_test(from_bytes),
	    cmocka_unit_test(local_paths),
	    cmocka_unit_test(of_descriptors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
