/* SPDX-License-Identifier: MIT */
#include "../unit.h"
#include "smtpd/local_clients.h"

static const struct {
	const char *text;
	const char *client;
	bool in_mynetworks;
	const char *want; /* "yes", "no", "later", or NULL: refused */
} cases[] = {
    {"", "192.0.2.1", true, "no"},
    {"permit_inet_interfaces", "192.0.2.1", false, "yes"},
    {"permit_inet_interfaces", "192.0.2.2", true, "no"},
    {"permit_mynetworks", "192.0.2.2", true, "yes"},
    {"permit_mynetworks", "192.0.2.2", false, "no"},
    {"permit_sasl_authenticated, permit_tls_clientcerts,"
     " permit_tls_all_clientcerts",
	"192.0.2.2", true, "no"},
    {"static:all", "192.0.2.2", false, "yes"},
    {"check_address_map inline:{192.0.2.2=x}", "192.0.2.2", false, "yes"},
    {"check_address_map inline:{192.0.2.2=x}", "192.0.2.3", false, "no"},
    {"fail:x", "192.0.2.3", false, "later"},
    {"permit_everybody", "192.0.2.3", false, NULL},
    {"nosuchtype:x", "192.0.2.3", false, NULL},
};

static const char *
ask(const struct local_clients *clients, const char *text, bool in_mynetworks)
{
	static const char *const words[] = {
	    [TABLE_NOT_FOUND] = "no",
	    [TABLE_FOUND] = "yes",
	    [TABLE_TRY_AGAIN] = "later",
	};
	struct address here, client;

	assert_true(address_parse_ip(SPAN("192.0.2.1"), 0, &here));
	assert_true(address_parse_ip(span_text(text), 0, &client));
	return words[local_clients_match(clients,
	    &(struct local_client){&client, &here, in_mynetworks}, NULL)];
}

static void
test_table(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct local_clients clients;
		struct error error;
		bool opened = local_clients_open(
		    &clients, span_text(cases[i].text), &error);

		assert_int_equal(opened, cases[i].want != NULL);
		if (opened)
			assert_string_equal(ask(&clients, cases[i].client,
						cases[i].in_mynetworks),
			    cases[i].want);
		else
			assert_true(span_starts(span_text(error.text),
			    SPAN("local_header_rewrite_clients: ")));
		network_list_close(clients.tables);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
