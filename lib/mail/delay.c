/* SPDX-License-Identifier: MIT */
#include "lib/mail/delay.h"

#include <inttypes.h>

enum {
	SECOND = 1000000,     /* microseconds */
	DECIMALS = 6,         /* of a second in microseconds */
	SIGNIFICANT_END = 100 /* the first number with three digits */
};

/* 10 to the power of the digits of `microseconds` that are not shown. */
static int64_t
step_of(int64_t microseconds, unsigned resolution)
{
	int64_t step = 1;

	for (unsigned i = resolution; i < DECIMALS; i++)
		step *= 10;
	while (step < SECOND && microseconds / step >= SIGNIFICANT_END)
		step *= 10;
	return step;
}

static size_t
format_seconds(int64_t microseconds, unsigned resolution, char *text)
{
	int64_t step;
	int64_t fraction;
	int width = DECIMALS;
	size_t len;

	if (microseconds < 0)
		microseconds = 0;
	step = step_of(microseconds, resolution);
	microseconds = (microseconds + step / 2) / step * step;
	fraction = microseconds % SECOND;
	len = (size_t)snprintf(
	    text, DELAY_TEXT_SIZE, "%" PRId64, microseconds / SECOND);
	if (fraction == 0)
		return len;
	while (fraction % 10 == 0) {
		fraction /= 10;
		width--;
	}
	return len +
	    (size_t)snprintf(text + len, DELAY_TEXT_SIZE - len, ".%0*" PRId64,
		width, fraction);
}

const char *
delay_format(int64_t microseconds, unsigned resolution, char *text)
{
	(void)format_seconds(microseconds, resolution, text);
	return text;
}

const char *
delay_format_total(
    const struct delay_times *times, unsigned resolution, char *text)
{
	return delay_format(times->ended - times->arrived, resolution, text);
}

const char *
delay_format_parts(
    const struct delay_times *times, unsigned resolution, char *text)
{
	const int64_t parts[] = {
	    times->activated - times->arrived,
	    times->started - times->activated,
	    times->connected - times->started,
	    times->ended - times->connected,
	};
	char part[DELAY_TEXT_SIZE];
	size_t len = 0;

	for (size_t i = 0; i < COUNT_OF(parts); i++) {
		(void)format_seconds(parts[i], resolution, part);
		len += (size_t)snprintf(text + len, DELAY_TEXT_SIZE - len,
		    "%s%s", i > 0 ? "/" : "", part);
	}
	return text;
}
