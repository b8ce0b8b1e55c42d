/* SPDX-License-Identifier: MIT */
#include "lib/mail/date.h"

#include <time.h>

#include "lib/base/clock.h"

static const char *const days[] = {
    "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};

static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
    "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

/* Whole seconds, downwards also before 1970. */
static time_t
seconds_of(int64_t wall)
{
	int64_t seconds = wall / CLOCK_SECOND;

	return seconds - (wall % CLOCK_SECOND < 0 ? 1 : 0);
}

static struct tm
local_time(int64_t wall)
{
	time_t seconds = seconds_of(wall);
	struct tm parts;

	must(localtime_r(&seconds, &parts) != NULL);
	return parts;
}

const char *
date_format_mail(int64_t wall, char *text)
{
	struct tm parts = local_time(wall);
	long minutes = labs(parts.tm_gmtoff) / 60;

	snprintf(text, DATE_TEXT_SIZE,
	    "%s, %d %s %d %02d:%02d:%02d %c%02ld%02ld (%.20s)",
	    days[parts.tm_wday], parts.tm_mday, months[parts.tm_mon],
	    parts.tm_year + 1900, parts.tm_hour, parts.tm_min, parts.tm_sec,
	    parts.tm_gmtoff < 0 ? '-' : '+', minutes / 60, minutes % 60,
	    parts.tm_zone);
	return text;
}

const char *
date_format_mbox(int64_t wall, char *text)
{
	struct tm parts = local_time(wall);

	snprintf(text, DATE_TEXT_SIZE, "%s %s %2d %02d:%02d:%02d %d",
	    days[parts.tm_wday], months[parts.tm_mon], parts.tm_mday,
	    parts.tm_hour, parts.tm_min, parts.tm_sec, parts.tm_year + 1900);
	return text;
}

const char *
date_format_log(int64_t wall, char *text)
{
	struct tm parts = local_time(wall);

	snprintf(text, DATE_TEXT_SIZE, "%s %2d %02d:%02d:%02d",
	    months[parts.tm_mon], parts.tm_mday, parts.tm_hour, parts.tm_min,
	    parts.tm_sec);
	return text;
}

const char *
date_format_compact(int64_t wall, char *text)
{
	time_t seconds = seconds_of(wall);
	struct tm parts;

	must(gmtime_r(&seconds, &parts) != NULL);
	snprintf(text, DATE_TEXT_SIZE, "%04d%02d%02d%02d%02d%02d",
	    parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday,
	    parts.tm_hour, parts.tm_min, parts.tm_sec);
	return text;
}
