/* SPDX-License-Identifier: MIT */
#include "lib/base/number.h"

#include "lib/base/text.h"

static bool
add_digit(uint64_t *number, uint64_t base, uint64_t digit, uint64_t maximum)
{
	if (digit > maximum || *number > (maximum - digit) / base)
		return false;
	*number = *number * base + digit;
	return true;
}

bool
number_parse_base(
    struct span text, const char *digits, uint64_t maximum, uint64_t *number)
{
	uint64_t base = strlen(digits);
	uint64_t value = 0;

	if (text.len == 0)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		const char *digit = memchr(digits, text.at[i], base);

		if (digit == NULL ||
		    !add_digit(
			&value, base, (uint64_t)(digit - digits), maximum))
			return false;
	}
	*number = value;
	return true;
}

bool
number_parse(struct span text, uint64_t maximum, uint64_t *number)
{
	return number_parse_base(text, "0123456789", maximum, number);
}

bool
number_parse_hex(struct span text, uint64_t maximum, uint64_t *number)
{
	char folded[16];

	if (text.len > sizeof folded)
		return false;
	for (size_t i = 0; i < text.len; i++)
		folded[i] = text_lower(text.at[i]);
	return number_parse_base(
	    span_of(folded, text.len), "0123456789abcdef", maximum, number);
}

size_t
number_format_base(
    uint64_t number, const char *digits, size_t width, char *text, size_t size)
{
	uint64_t base = strlen(digits);
	char reversed[64];
	size_t len = 0;

	do {
		reversed[len++] = digits[number % base];
		number /= base;
	} while (number > 0);
	while (len < width && len < sizeof reversed)
		reversed[len++] = digits[0];
	must(len < size);
	for (size_t i = 0; i < len; i++)
		text[i] = reversed[len - 1 - i];
	text[len] = '\0';
	return len;
}
