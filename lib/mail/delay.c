/* SPDX-License-Identifier: MIT */
#include "lib/mail/delay.h"

enum {
	SECOND = 1000000
};

/* How many digits behind the point are shown: as many as it takes to show two
 * significant ones. */
static int
count_digits(int64_t time, int64_t digits)
{
	int count = 0;
	int64_t unit = SECOND;

	while (count < digits && count < DELAY_DIGITS_MAXIMUM &&
	    time < unit * 10) {
		unit /= 10;
		count++;
	}
	return count;
}

static size_t
format(int64_t time, int64_t digits, char *text, size_t size)
{
	int count;
	int64_t unit = SECOND;
	size_t len;

	if (time < 0)
		time = 0;
	count = count_digits(time, digits);
	for (int i = 0; i < count; i++)
		unit /= 10;
	time = (time + unit / 2) / unit * unit;
	len = (size_t)snprintf(text, size, "%lld.%06lld",
	    (long long)(time / SECOND), (long long)(time % SECOND));
	while (text[len - 1] == '0')
		len--;
	if (text[len - 1] == '.')
		len--;
	text[len] = '\0';
	return len;
}

const char *
delay_format_total(const struct delay *delay, int64_t digits, char *text)
{
	format(delay->ended - delay->arrived, digits, text, DELAY_TEXT_SIZE);
	return text;
}

const char *
delay_format_steps(const struct delay *delay, int64_t digits, char *text)
{
	const int64_t steps[] = {
	    delay->activated - delay->arrived,
	    delay->begun - delay->activated,
	    delay->connected - delay->begun,
	    delay->ended - delay->connected,
	};
	size_t len = 0;

	for (size_t i = 0; i < COUNT_OF(steps); i++) {
		if (i > 0)
			text[len++] = '/';
		len +=
		    format(steps[i], digits, text + len, DELAY_TEXT_SIZE - len);
	}
	return text;
}
