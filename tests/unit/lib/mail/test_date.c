/* SPDX-License-Identifier: MIT */
#include <time.h>

#include "lib/base/clock.h"
#include "lib/mail/date.h"

#include "../../unit.h"

static const struct {
	const char *zone;
	int64_t seconds;
	const char *mail;
	const char *mbox;
	const char *log;
	const char *compact;
} dates[] = {
    {"UTC0", 1795345209, "Sun, 22 Nov 2026 11:00:09 +0000 (UTC)",
	"Sun Nov 22 11:00:09 2026", "Nov 22 11:00:09", "20261122110009"},
    {"UTC0", 1772323200, "Sun, 1 Mar 2026 00:00:00 +0000 (UTC)",
	"Sun Mar  1 00:00:00 2026", "Mar  1 00:00:00", "20260301000000"},
    {"CET-1", 1795345209, "Sun, 22 Nov 2026 12:00:09 +0100 (CET)",
	"Sun Nov 22 12:00:09 2026", "Nov 22 12:00:09", "20261122110009"},
    {"NST3:30", 1795345209, "Sun, 22 Nov 2026 07:30:09 -0330 (NST)",
	"Sun Nov 22 07:30:09 2026", "Nov 22 07:30:09", "20261122110009"},
    {"UTC0", 0, "Thu, 1 Jan 1970 00:00:00 +0000 (UTC)",
	"Thu Jan  1 00:00:00 1970", "Jan  1 00:00:00", "19700101000000"},
    {"UTC0", 4102444799, "Thu, 31 Dec 2099 23:59:59 +0000 (UTC)",
	"Thu Dec 31 23:59:59 2099", "Dec 31 23:59:59", "20991231235959"},
};

static void
test_formats(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(dates); i++) {
		int64_t wall = dates[i].seconds * CLOCK_SECOND + 999999;
		char text[DATE_TEXT_SIZE];

		setenv("TZ", dates[i].zone, 1);
		tzset();
		assert_string_equal(
		    date_format_mail(wall, text), dates[i].mail);
		assert_string_equal(
		    date_format_mbox(wall, text), dates[i].mbox);
		assert_string_equal(date_format_log(wall, text), dates[i].log);
		assert_string_equal(
		    date_format_compact(wall, text), dates[i].compact);
	}
}

static void
test_before_1970(void **state UNUSED)
{
	char text[DATE_TEXT_SIZE];

	assert_string_equal(date_format_compact(-1, text), "19691231235959");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_formats),
	    cmocka_unit_test(test_before_1970),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
