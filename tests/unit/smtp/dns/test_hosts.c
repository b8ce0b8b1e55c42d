/* SPDX-License-Identifier: MIT */
#include "lib/ipc/messages.h"
#include "lib/net/address.h"

#include "../../unit.h"
#include "smtp/dns/hosts.h"

enum {
	TEXT_SIZE = 200,
	LIST_MAXIMUM = 1000
};

static const char file[] = "# comment 192.0.2.99 hidden\n"
			   "127.0.0.1\tlocalhost\n"
			   "::1 localhost ip6-localhost # and so on\n"
			   "192.0.2.1 Mail.Example mail\r\n"
			   "192.0.2.2 mail.example\n"
			   "192.0.2.1 second.example\n"
			   "not-an-address name\n"
			   "192.0.2.3\n"
			   "2001:db8::ab12 six.example";

/* The records as "192.0.2.1 192.0.2.2" or "name". */
static void
assert_records(struct span list, const char *want)
{
	struct message_dns_record record;
	char text[TEXT_SIZE] = "";
	size_t len = 0;

	while (message_take_dns_record(&list, &record)) {
		bool is_name = record.type == DNS_PTR;
		struct address address = {.len = 0};
		char ip[ADDRESS_TEXT_SIZE];

		if (!is_name)
			address = address_from_bytes(record.data, 0);
		address_format_ip(&address, ip);
		len += (size_t)snprintf(text + len, sizeof text - len, "%s%.*s",
		    len > 0 ? " " : "",
		    is_name ? (int)record.data.len : (int)strlen(ip),
		    is_name ? record.data.at : ip);
	}
	assert_string_equal(text, want);
}

static void
test_find(void **state UNUSED)
{
	static const struct {
		const char *name;
		enum dns_type type;
		const char *want; /* NULL: nothing */
	} cases[] = {
	    {"localhost", DNS_A, "127.0.0.1"},
	    {"localhost", DNS_AAAA, "::1"},
	    {"mail.example", DNS_A, "192.0.2.1 192.0.2.2"},
	    {"mail", DNS_A, "192.0.2.1"},
	    {"mail.example", DNS_AAAA, NULL},
	    {"mail.example", DNS_MX, NULL},
	    {"mail.example", DNS_TXT, NULL},
	    {"hidden", DNS_A, NULL},
	    {"and", DNS_A, NULL},
	    {"name", DNS_A, NULL},
	    {"six.example", DNS_AAAA, "2001:db8::ab12"},
	    {"1.2.0.192.in-addr.arpa", DNS_PTR, "mail.example"},
	    {"2.2.0.192.in-addr.arpa", DNS_PTR, "mail.example"},
	    {"3.2.0.192.in-addr.arpa", DNS_PTR, NULL},
	    {"2.1.b.a.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2"
	     ".ip6.arpa",
		DNS_PTR, "six.example"},
	};
	struct hosts hosts;

	hosts_open(&hosts, "/nonexistent");
	hosts_parse(&hosts, SPAN("192.0.2.77 forgotten\n"));
	hosts_parse(&hosts, span_text(file));
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct buf list;

		buf_init(&list, LIST_MAXIMUM);
		assert_int_equal(hosts_find(&hosts, span_text(cases[i].name),
				     cases[i].type, &list),
		    cases[i].want != NULL);
		assert_records(buf_span(&list),
		    cases[i].want == NULL ? "" : cases[i].want);
		buf_finish(&list);
	}
	hosts_close(&hosts);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_find),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
