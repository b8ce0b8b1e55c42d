/* SPDX-License-Identifier: MIT */
#include "lib/ipc/messages.h"

#include "../unit.h"
#include "cleanup/detect_utf8.h"

static const struct {
	const char *classes;
	uint32_t origin;
	bool has_utf8_address;
	const char *header;
	bool want;
} cases[] = {
    {"sendmail, verify", ORIGIN_SENDMAIL, true, "", true},
    {"sendmail, verify", ORIGIN_SENDMAIL, false, "Subject: \xc3\xbc\r\n", true},
    {"sendmail, verify", ORIGIN_SENDMAIL, false, "Subject: x\r\n", false},
    {"sendmail, verify", ORIGIN_SENDMAIL, false, "Subject: \xfc\r\n", false},
    {"sendmail, verify", ORIGIN_SMTPD, true, "", false},
    {"forward", ORIGIN_FORWARD, true, "", true},
    {"bounce smtpd", ORIGIN_BOUNCE, true, "", true},
    {"bounce smtpd", ORIGIN_SMTPD, true, "", true},
    {"all", ORIGIN_SMTPD, true, "", true},
    {"all", ORIGIN_OTHER, true, "", false},
    {"all", 99, true, "", false},
    {"", ORIGIN_SENDMAIL, true, "", false},
};

static void
test_cases(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		if (detect_utf8(span_text(cases[i].classes), cases[i].origin,
			cases[i].has_utf8_address,
			span_text(cases[i].header)) != cases[i].want)
			fail_msg("case %zu", i);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_cases),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
