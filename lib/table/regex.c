/* SPDX-License-Identifier: MIT */
#include "lib/table/regex.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "lib/base/memory.h"

enum {
	MATCH_MAXIMUM = 5 * 1000 * 1000, /* steps: less than a second */
	DEPTH_MAXIMUM = 250 * 1000,      /* open decisions */
	HEAP_MAXIMUM = 20 * 1024         /* KiB */
};

struct regex {
	pcre2_code *code;
	pcre2_match_data *data;
	pcre2_match_context *limits;
	unsigned groups;
};

static const struct {
	unsigned option;
	uint32_t library;
} options_of_library[] = {
    {REGEX_CASELESS, PCRE2_CASELESS},
    {REGEX_MULTILINE, PCRE2_MULTILINE},
    {REGEX_DOT_ALL, PCRE2_DOTALL},
    {REGEX_EXTENDED, PCRE2_EXTENDED},
    {REGEX_ANCHORED, PCRE2_ANCHORED},
    {REGEX_DOLLAR_ENDONLY, PCRE2_DOLLAR_ENDONLY},
    {REGEX_UNGREEDY, PCRE2_UNGREEDY},
    {REGEX_LAST_LINE, PCRE2_ALT_CIRCUMFLEX},
};

static uint32_t
library_options(unsigned options)
{
	uint32_t result = 0;

	for (size_t i = 0; i < COUNT_OF(options_of_library); i++)
		if ((options & options_of_library[i].option) != 0)
			result |= options_of_library[i].library;
	return result;
}

static bool
fail(struct error *error, enum error_kind kind, int number)
{
	PCRE2_UCHAR words[120];

	if (pcre2_get_error_message(number, words, sizeof words) < 0)
		words[0] = '\0';
	return error_set(error, kind, "%s", (const char *)words);
}

static pcre2_code *
compile(struct span pattern, unsigned options, struct error *error)
{
	PCRE2_SIZE position;
	int number;
	pcre2_compile_context *context = pcre2_compile_context_create(NULL);
	pcre2_code *code;

	must(context != NULL);
	/* Whatever the library was built for. */
	must(pcre2_set_newline(context, PCRE2_NEWLINE_LF) == 0);
	code = pcre2_compile((PCRE2_SPTR)pattern.at, pattern.len,
	    library_options(options), &number, &position, context);
	pcre2_compile_context_free(context);
	if (code == NULL) {
		fail(error, ERROR_INVALID, number);
		error_prefix(error, "at offset %zu of the pattern", position);
	}
	return code;
}

struct regex *
regex_compile(struct span pattern, unsigned options, struct error *error)
{
	pcre2_code *code = compile(pattern, options, error);
	struct regex *regex;
	uint32_t groups = 0;

	if (code == NULL)
		return NULL;
	regex = memory_zero(sizeof *regex);
	regex->code = code;
	regex->data = pcre2_match_data_create_from_pattern(code, NULL);
	regex->limits = pcre2_match_context_create(NULL);
	must(regex->data != NULL && regex->limits != NULL);
	must(pcre2_set_match_limit(regex->limits, MATCH_MAXIMUM) == 0 &&
	    pcre2_set_depth_limit(regex->limits, DEPTH_MAXIMUM) == 0 &&
	    pcre2_set_heap_limit(regex->limits, HEAP_MAXIMUM) == 0);
	must(pcre2_pattern_info(code, PCRE2_INFO_CAPTURECOUNT, &groups) == 0);
	regex->groups = groups;
	return regex;
}

void
regex_destroy(struct regex *regex)
{
	if (regex == NULL)
		return;
	pcre2_match_context_free(regex->limits);
	pcre2_match_data_free(regex->data);
	pcre2_code_free(regex->code);
	free(regex);
}

unsigned
regex_group_count(const struct regex *regex)
{
	return regex->groups;
}

static struct span
group_of(const struct regex *regex, struct span subject, size_t group)
{
	const PCRE2_SIZE *offsets = pcre2_get_ovector_pointer(regex->data);

	if (group > regex->groups || offsets[2 * group] == PCRE2_UNSET ||
	    offsets[2 * group + 1] < offsets[2 * group])
		return SPAN_EMPTY;
	return span_of(subject.at + offsets[2 * group],
	    offsets[2 * group + 1] - offsets[2 * group]);
}

enum regex_result
regex_match(struct regex *regex, struct span subject, struct span *groups,
    size_t count, struct error *error)
{
	int number = pcre2_match(regex->code, (PCRE2_SPTR)subject.at,
	    subject.len, 0, 0, regex->data, regex->limits);

	if (number == PCRE2_ERROR_NOMATCH)
		return REGEX_NO_MATCH;
	if (number < 0) {
		fail(error, ERROR_LIMIT, number);
		return REGEX_FAILED;
	}
	for (size_t i = 0; i < count && i < regex->groups; i++)
		groups[i] = group_of(regex, subject, i + 1);
	return REGEX_MATCH;
}
