/* SPDX-License-Identifier: MIT */
#include "lib/route/network_list.h"

#include "../../unit.h"

static const struct {
	const char *list;
	const char *ip;
	enum table_result want;
} matches[] = {
    {"", "127.0.0.1", TABLE_NOT_FOUND},
    {"127.0.0.0/8 [::1]/128", "127.0.0.9", TABLE_FOUND},
    {"127.0.0.0/8 [::1]/128", "::1", TABLE_FOUND},
    {"127.0.0.0/8 [::1]/128", "::2", TABLE_NOT_FOUND},
    {"192.0.2.1", "192.0.2.1", TABLE_FOUND},
    {"192.0.2.1", "192.0.2.2", TABLE_NOT_FOUND},
    {"[2001:db8::]/32", "2001:db8:7::1", TABLE_FOUND},
    {"!192.0.2.1, 192.0.2.0/24", "192.0.2.1", TABLE_NOT_FOUND},
    {"!192.0.2.1, 192.0.2.0/24", "192.0.2.2", TABLE_FOUND},
    {"192.0.2.0/24, !192.0.2.1", "192.0.2.1", TABLE_FOUND},
    {"inline:{192.0.2.1=x}", "192.0.2.1", TABLE_FOUND},
    {"inline:{192.0.2.1=x}", "192.0.2.2", TABLE_NOT_FOUND},
    {"fail:x 192.0.2.1", "192.0.2.1", TABLE_TRY_AGAIN},
    {"192.0.2.0/24", "::ffff:192.0.2.7", TABLE_FOUND},
};

static void
test_matches(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(matches); i++) {
		struct error error;
		struct address address;
		struct network_list *list =
		    network_list_open(span_text(matches[i].list), NULL, &error);

		assert_non_null(list);
		assert_true(
		    address_parse_ip(span_text(matches[i].ip), 25, &address));
		assert_int_equal(network_list_match(list, &address, &error),
		    matches[i].want);
		assert_false(network_list_has_changed(list, NULL));
		network_list_close(list);
	}
	network_list_close(NULL);
}

static const char *const bad_lists[] = {"host.example", "192.0.2.1/24",
    "192.0.2.0/33", "192.0.2.0/24, 300.1.1.1", "!", "[::1", "::1"};

static void
test_bad_lists(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(bad_lists); i++) {
		struct error error;

		assert_null(
		    network_list_open(span_text(bad_lists[i]), NULL, &error));
		assert_int_equal(error.kind, ERROR_INVALID);
	}
}

static void
test_unix_socket_is_in_no_network(void **state UNUSED)
{
	struct error error;
	struct address address;
	struct network_list *list =
	    network_list_open(SPAN("0.0.0.0/0 static:all"), NULL, &error);

	assert_non_null(list);
	assert_true(address_local(SPAN("/run/x"), &address, &error));
	assert_int_equal(
	    network_list_match(list, &address, &error), TABLE_NOT_FOUND);
	network_list_close(list);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_matches),
	    cmocka_unit_test(test_bad_lists),
	    cmocka_unit_test(test_unix_socket_is_in_no_network),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
