/* SPDX-License-Identifier: MIT */
#include "lib/tls/protocols.h"

#include "../../unit.h"

enum {
	V10 = 1 << PROTOCOL_TLS1_0,
	V11 = 1 << PROTOCOL_TLS1_1,
	V12 = 1 << PROTOCOL_TLS1_2,
	V13 = 1 << PROTOCOL_TLS1_3
};

static const struct {
	const char *list;
	unsigned set; /* 0 = refused */
} lists[] = {
    {"", PROTOCOLS_ALL},
    {"!SSLv2", PROTOCOLS_ALL},
    {"!SSLv2, !SSLv3", PROTOCOLS_ALL},
    {"!SSLv2,!SSLv3,!TLSv1,!TLSv1.1", V12 | V13},
    {">=TLSv1", PROTOCOLS_ALL},
    {">=TLSv1.2", V12 | V13},
    {">=tlsv1.2", V12 | V13},
    {"<=TLSv1.2", V10 | V11 | V12},
    {">=TLSv1.2, <=TLSv1.2", V12},
    {"TLSv1.2", V12},
    {"TLSv1.2:TLSv1.3", V12 | V13},
    {"TLSv1.1 TLSv1.3", V11 | V13},
    {"TLSv1.2, !TLSv1.3", V12},
    {">=SSLv3", PROTOCOLS_ALL},
    {"SSLv3", 0},
    {"<=SSLv3", 0},
    {"!TLSv1.2, TLSv1.2", 0},
    {">=TLSv1.3 <=TLSv1.2", 0},
    {"TLSv1.4", 0},
    {"TLS", 0},
    {"!", 0},
    {">=", 0},
    {"! TLSv1.2", 0},
    {">TLSv1.2", 0},
    {"=TLSv1.2", 0},
    {"!!TLSv1.2", 0},
};

static void
test_lists(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(lists); i++) {
		struct error error = {0};
		unsigned set = 0;
		bool good =
		    protocols_parse(span_text(lists[i].list), &set, &error);

		if (good != (lists[i].set != 0) || set != lists[i].set)
			fail_msg("%s: have %u, want %u (%s)", lists[i].list,
			    set, lists[i].set, error.text);
	}
}

static void
test_ends(void **state UNUSED)
{
	assert_int_equal(protocols_oldest(PROTOCOLS_ALL), PROTOCOL_TLS1_0);
	assert_int_equal(protocols_newest(PROTOCOLS_ALL), PROTOCOL_TLS1_3);
	assert_int_equal(protocols_oldest(V11 | V12), PROTOCOL_TLS1_1);
	assert_int_equal(protocols_newest(V11 | V12), PROTOCOL_TLS1_2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_lists),
	    cmocka_unit_test(test_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
