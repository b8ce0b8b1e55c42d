/* SPDX-License-Identifier: MIT */
#include <netinet/in.h>

#include "lib/param/networks.h"

#include "../../unit.h"

static const struct host_address interfaces[] = {
    {AF_INET, {127, 0, 0, 1}, 8, true},
    {AF_INET, {192, 0, 2, 77}, 26, false},
    {AF_INET, {192, 0, 2, 78}, 26, false},
    {AF_INET, {172, 16, 3, 4}, 20, false},
    {AF_INET6, {[15] = 1}, 128, true},
    {AF_INET6, {0x20, 0x01, 0x0d, 0xb8, [15] = 0x19}, 61, false},
};

static size_t
list_interfaces(struct host_address *addresses, size_t maximum)
{
	assert_true(maximum >= COUNT_OF(interfaces));
	memcpy(addresses, interfaces, sizeof interfaces);
	return COUNT_OF(interfaces);
}

static const struct host host = {.addresses = list_interfaces};

static const struct {
	struct networks_request request;
	const char *networks;
} cases[] = {
    {{{"host", 4}, {"all", 3}, {"all", 3}},
	"127.0.0.1/32 192.0.2.77/32 192.0.2.78/32 172.16.3.4/32 [::1]/128 "
	"[2001:db8::19]/128"},
    {{{"subnet", 6}, {"all", 3}, {"all", 3}},
	"127.0.0.0/8 192.0.2.64/26 172.16.0.0/20 [::1]/128 "
	"[2001:db8::]/61"},
    {{{"class", 5}, {"all", 3}, {"ipv4", 4}},
	"127.0.0.0/8 192.0.2.0/24 172.16.0.0/16"},
    {{{"host", 4}, {"loopback-only", 13}, {"all", 3}},
	"127.0.0.1/32 [::1]/128"},
    {{{"subnet", 6}, {"localhost", 9}, {"ipv6, ipv4", 10}},
	"127.0.0.0/8 [::1]/128"},
    {{{"subnet", 6}, {"192.0.2.78, [::1]", 17}, {"all", 3}},
	"192.0.2.64/26 [::1]/128"},
    {{{"host", 4}, {"2001:db8::19 mail.example", 25}, {"all", 3}},
	"[2001:db8::19]/128"},
    {{{"host", 4}, {"192.0.2.1", 9}, {"all", 3}}, ""},
    {{{"host", 4}, {"::1", 3}, {"ipv4", 4}}, ""},
    {{{"bogus", 5}, {"127.0.0.1", 9}, {"ipv4", 4}}, "127.0.0.1/32"},
};

static void
test_networks(void **state UNUSED)
{
	struct buf out;

	buf_init(&out, 1000);
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		buf_clear(&out);
		networks_append(&host, &cases[i].request, &out);
		assert_span(buf_span(&out), cases[i].networks);
	}
	buf_finish(&out);
}

static void
test_this_machine(void **state UNUSED)
{
	struct host_address addresses[64];
	char name[HOST_NAME_SIZE];
	size_t count = host_system.addresses(addresses, COUNT_OF(addresses));

	host_system.name(name, sizeof name);
	assert_string_not_equal(name, "");
	for (size_t i = 0; i < count; i++)
		assert_true(addresses[i].prefix <=
		    (addresses[i].family == AF_INET ? 32u : 128u));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_networks),
	    cmocka_unit_test(test_this_machine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
