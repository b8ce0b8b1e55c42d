/* SPDX-License-Identifier: MIT */
#include "lib/param/feedback.h"

static const struct {
	const char *word;
	enum feedback_divisor divisor;
} divisors[] = {
    {"concurrency", FEEDBACK_BY_CONCURRENCY},
    {"sqrt_concurrency", FEEDBACK_BY_ROOT},
};

/* Digits, with a dot before, among or behind them. */
static bool
parse_decimal(struct span text, double *number)
{
	double weight = 1;
	bool after_dot = false;
	bool any = false;

	*number = 0;
	for (size_t i = 0; i < text.len; i++) {
		if (text.at[i] == '.' && !after_dot) {
			after_dot = true;
			continue;
		}
		if (text.at[i] < '0' || text.at[i] > '9')
			return false;
		any = true;
		if (after_dot)
			weight /= 10;
		*number = after_dot ? *number + (text.at[i] - '0') * weight
				    : *number * 10 + (text.at[i] - '0');
	}
	return any;
}

static bool
parse_divisor(struct span text, enum feedback_divisor *divisor)
{
	for (size_t i = 0; i < COUNT_OF(divisors); i++) {
		if (!span_equal(text, span_text(divisors[i].word)))
			continue;
		*divisor = divisors[i].divisor;
		return true;
	}
	return false;
}

bool
feedback_parse(struct span text, struct feedback *feedback)
{
	size_t slash = span_find(text, '/');

	*feedback = (struct feedback){.divisor = FEEDBACK_BY_NOTHING};
	return parse_decimal(
		   span_trim(span_head(text, slash)), &feedback->number) &&
	    feedback->number <= 1 &&
	    (slash == text.len ||
		parse_divisor(
		    span_trim(span_skip(text, slash + 1)), &feedback->divisor));
}
