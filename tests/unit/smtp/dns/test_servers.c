/* SPDX-License-Identifier: MIT */
#include <unistd.h>

#include "lib/base/io.h"
#include "lib/loop/loop.h"

#include "../../unit.h"
#include "smtp/dns/servers.h"

enum {
	TEXT_SIZE = 300,
	A_LOOK = 1100 /* milliseconds: the file is looked at once a second */
};

static void
assert_servers(const struct servers *servers, const char *want)
{
	char text[TEXT_SIZE] = "";
	size_t len = 0;

	for (size_t i = 0; i < servers->count; i++) {
		char ip[ADDRESS_TEXT_SIZE];

		len += (size_t)snprintf(text + len, sizeof text - len,
		    "%s%s %u", i > 0 ? ", " : "",
		    address_format_ip(&servers->addresses[i], ip),
		    address_port(&servers->addresses[i]));
	}
	assert_string_equal(text, want);
}

static void
test_resolv_conf(void **state UNUSED)
{
	static const struct {
		const char *text;
		const char *want;
		int timeout;
		unsigned attempts;
	} cases[] = {
	    {"", "127.0.0.1 53", 5, 2},
	    {"# nameserver 192.0.2.1\n", "127.0.0.1 53", 5, 2},
	    {"search example\nnameserver 192.0.2.1\n", "192.0.2.1 53", 5, 2},
	    {"nameserver\t192.0.2.1 \r\nnameserver 2001:db8::1",
		"192.0.2.1 53, 2001:db8::1 53", 5, 2},
	    {"nameserver nonsense\nnameserver\nnameserver 192.0.2.2\n",
		"192.0.2.2 53", 5, 2},
	    {"nameserver 192.0.2.1\noptions rotate timeout:1 attempts:4\n",
		"192.0.2.1 53", 1, 4},
	    {"options timeout:0 attempts:x timeout:\n", "127.0.0.1 53", 5, 2},
	    {"options timeout:999 attempts:999\n", "127.0.0.1 53", 30, 5},
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct servers servers = {0};

		servers_parse(&servers, span_text(cases[i].text));
		assert_servers(&servers, cases[i].want);
		assert_int_equal(servers.timeout, cases[i].timeout);
		assert_int_equal(servers.attempts, cases[i].attempts);
	}
}

static void
test_no_more_than_fit(void **state UNUSED)
{
	struct servers servers = {0};
	struct buf text;

	buf_init(&text, 1 << 16);
	for (int i = 1; i <= 2 * SERVERS_MAXIMUM; i++)
		buf_printf(&text, "nameserver 192.0.2.%d\n", i);
	servers_parse(&servers, buf_span(&text));
	assert_int_equal(servers.count, SERVERS_MAXIMUM);
	buf_finish(&text);
}

static void
test_parameter(void **state UNUSED)
{
	static const struct {
		const char *list;
		const char *want; /* NULL: refused */
	} cases[] = {
	    {"192.0.2.1", "192.0.2.1 53"},
	    {"192.0.2.1:5353, [2001:db8::1]:54 2001:db8::2,[192.0.2.3]",
		"192.0.2.1 5353, 2001:db8::1 54, 2001:db8::2 53, "
		"192.0.2.3 53"},
	    {"name.example", NULL},
	    {"192.0.2.1:", NULL},
	    {"192.0.2.1:0", NULL},
	    {"192.0.2.1:65536", NULL},
	    {"[192.0.2.1", NULL},
	    {"[192.0.2.1]5", NULL},
	    {"192.0.2.1 192.0.2.1 192.0.2.1 192.0.2.1 192.0.2.1 192.0.2.1 "
	     "192.0.2.1 192.0.2.1 192.0.2.1",
		NULL},
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct servers servers = {0};
		struct error error;
		bool opened = servers_open(
		    &servers, span_text(cases[i].list), "/nonexistent", &error);

		assert_int_equal(opened, cases[i].want != NULL);
		if (opened)
			assert_servers(&servers, cases[i].want);
	}
}

static void
write_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_int_equal(fputs(text, file) >= 0, true);
	assert_int_equal(fclose(file), 0);
}

static void
test_file_is_watched(void **state UNUSED)
{
	char path[] = "/tmp/postern-unit-XXXXXX";
	int fd = mkstemp(path);
	struct servers servers = {0};
	struct error error;

	assert_true(fd >= 0);
	io_close(&fd);
	write_file(path, "nameserver 192.0.2.1\n");
	assert_true(servers_open(&servers, SPAN(""), path, &error));
	assert_servers(&servers, "192.0.2.1 53");
	write_file(path, "nameserver 192.0.2.22\n");
	loop_sleep_until(loop_now() + A_LOOK);
	servers_refresh(&servers);
	assert_servers(&servers, "192.0.2.22 53");
	assert_int_equal(unlink(path), 0);
	loop_sleep_until(loop_now() + A_LOOK);
	servers_refresh(&servers);
	assert_servers(&servers, "127.0.0.1 53");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_resolv_conf),
	    cmocka_unit_test(test_no_more_than_fit),
	    cmocka_unit_test(test_parameter),
	    cmocka_unit_test(test_file_is_watched),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
