/* SPDX-License-Identifier: MIT */
#include "lib/param/port.h"

#include "../../unit.h"

static const struct {
	const char *text;
	unsigned port; /* 0 = refused */
} ports[] = {
    {"smtp", 25},
    {"submission", 587},
    {"submissions", 465},
    {"smtps", 465},
    {"lmtp", 24},
    {"1", 1},
    {"65535", 65535},
    {"0", 0},
    {"65536", 0},
    {"", 0},
    {"SMTP", 0},
    {"imap", 0},
    {"25x", 0},
};

static void
test_ports(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(ports); i++) {
		uint16_t port = 0;

		assert_int_equal(port_parse(span_text(ports[i].text), &port),
		    ports[i].port != 0);
		assert_int_equal(port, ports[i].port);
	}
}

static const struct {
	const char *name;
	const char *host; /* NULL = refused */
	const char *service;
} names[] = {
    {"smtp", "", "smtp"},
    {"2525", "", "2525"},
    {"127.0.0.1:10025", "127.0.0.1", "10025"},
    {"localhost:smtp", "localhost", "smtp"},
    {":2525", "", "2525"},
    {"[::1]:25", "::1", "25"},
    {"[192.0.2.1]:smtp", "192.0.2.1", "smtp"},
    {"", NULL, NULL},
    {"host:", NULL, NULL},
    {"::1:25", NULL, NULL},
    {"[::1]", NULL, NULL},
    {"[::1]:", NULL, NULL},
    {"[::1]25", NULL, NULL},
    {"[]:25", NULL, NULL},
    {"[::1:25", NULL, NULL},
    {"[::1]:2:3", NULL, NULL},
};

static void
test_split(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		struct span host;
		struct span service;
		bool good =
		    port_split(span_text(names[i].name), &host, &service);

		assert_int_equal(good, names[i].host != NULL);
		if (good) {
			assert_span(host, names[i].host);
			assert_span(service, names[i].service);
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_ports),
	    cmocka_unit_test(test_split),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
