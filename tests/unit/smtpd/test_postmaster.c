/* SPDX-License-Identifier: MIT */
#include "lib/daemon/notice_class.h"

#include "../unit.h"
#include "smtpd/postmaster.h"

static const struct {
	uint16_t code;
	const char *status;
	const char *text;
	unsigned class;
} replies[] = {
    {250, "2.1.0", "Ok", 0},
    {354, NULL, "End data with <CR><LF>.<CR><LF>", 0},
    {421, "4.4.2", "Error: timeout exceeded", 0},
    {554, "5.7.1", "Relay access denied", NOTICE_CLASS_POLICY},
    {450, "4.7.25", "Client host rejected", NOTICE_CLASS_POLICY},
    {550, "5.1.1", "User unknown", NOTICE_CLASS_BOUNCE},
    {552, "5.3.4", "Message size exceeds limit", NOTICE_CLASS_POLICY},
    {452, "4.5.3", "Error: too many recipients", NOTICE_CLASS_POLICY},
    {452, "4.3.1", "Insufficient system storage", NOTICE_CLASS_RESOURCE},
    {451, "4.3.0", "Temporary lookup failure", NOTICE_CLASS_DATA},
    {451, "4.3.0", "Error: queue file write error", NOTICE_CLASS_SOFTWARE},
    {503, "5.5.1", "Error: need RCPT command", NOTICE_CLASS_PROTOCOL},
    {500, "5.5.2", "Error: command not recognized", NOTICE_CLASS_PROTOCOL},
};

static void
test_classes(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(replies); i++) {
		struct reply reply;

		reply_set(&reply, replies[i].code, replies[i].status, "%s",
		    replies[i].text);
		assert_int_equal(postmaster_class_of(&reply), replies[i].class);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_classes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
