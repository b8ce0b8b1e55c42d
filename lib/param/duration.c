/* SPDX-License-Identifier: MIT */
#include "lib/param/duration.h"

#include "lib/base/number.h"
#include "lib/base/text.h"

struct unit {
	char letter;
	int64_t seconds;
};

/* The longest first, for duration_format. */
static const struct unit units[] = {
    {'w', 604800},
    {'d', 86400},
    {'h', 3600},
    {'m', 60},
    {'s', 1},
};

static const struct unit *
find_unit(char letter)
{
	for (size_t i = 0; i < COUNT_OF(units); i++)
		if (units[i].letter == text_lower(letter))
			return &units[i];
	return NULL;
}

bool
duration_parse(struct span text, char unit, int64_t *seconds)
{
	const struct unit *written = NULL;
	uint64_t number;

	text = span_trim(text);
	if (text.len > 0)
		written = find_unit(text.at[text.len - 1]);
	if (written != NULL)
		text.len--;
	else
		written = find_unit(unit);
	must(written != NULL);
	if (!number_parse(span_trim(text),
		(uint64_t)(INT64_MAX / written->seconds), &number))
		return false;
	*seconds = (int64_t)number * written->seconds;
	return true;
}

char
duration_default_unit(struct span default_text)
{
	char last;
	char before;

	if (default_text.len < 2)
		return 's';
	last = default_text.at[default_text.len - 1];
	before = default_text.at[default_text.len - 2];
	/* What ends in a name ("$smtpd_starttls_timeout") shows no unit. */
	if ((text_is_digit(before) || before == '}') && find_unit(last) != NULL)
		return last;
	return 's';
}

const char *
duration_format(int64_t seconds, char *text)
{
	size_t i = 0;

	while (seconds % units[i].seconds != 0 ||
	    (seconds == 0 && units[i].letter != 's'))
		i++;
	snprintf(text, DURATION_TEXT_SIZE, "%lld%c",
	    (long long)(seconds / units[i].seconds), units[i].letter);
	return text;
}
