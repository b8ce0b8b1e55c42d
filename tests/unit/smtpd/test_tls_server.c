/* SPDX-License-Identifier: MIT */
#include "../unit.h"
#include "smtpd/tls_server.h"

static const struct {
	const char *word;
	bool use;
	bool enforce;
	int level; /* -1 = refused */
} cases[] = {
    {"", false, false, TLS_SERVER_NONE},
    {"", true, false, TLS_SERVER_MAY},
    {"", false, true, TLS_SERVER_ENCRYPT},
    {"", true, true, TLS_SERVER_ENCRYPT},
    {"none", true, true, TLS_SERVER_NONE},
    {"may", false, true, TLS_SERVER_MAY},
    {"MAY", false, false, TLS_SERVER_MAY},
    {" encrypt ", false, false, TLS_SERVER_ENCRYPT},
    {"verify", false, false, TLS_SERVER_ENCRYPT},
    {"dane", false, false, TLS_SERVER_ENCRYPT},
    {"yes", false, false, -1},
    {"may encrypt", false, false, -1},
};

static void
test_levels(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct smtpd_params params = {
		    .smtpd_tls_security_level = cases[i].word,
		    .smtpd_use_tls = cases[i].use,
		    .smtpd_enforce_tls = cases[i].enforce,
		};
		enum tls_server_level level;
		struct error error;
		bool good = tls_server_parse_level(&params, &level, &error);

		assert_int_equal(good, cases[i].level >= 0);
		if (good)
			assert_int_equal(level, cases[i].level);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_levels),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
