/* SPDX-License-Identifier: MIT */
/* A regular expression compiled by PCRE2, with limits to what a match may cost:
 * who chooses the subject must not be able to occupy a process. Belongs to
 * whoever compiled it and is used by one thread at a time. */
#ifndef TABLE_REGEX_H
#define TABLE_REGEX_H

#include "lib/base/error.h"
#include "lib/base/span.h"

struct regex;

enum {
	REGEX_CASELESS = 1,
	REGEX_MULTILINE = 2, /* ^ and $ match at lines */
	REGEX_DOT_ALL = 4,   /* . matches a newline */
	REGEX_EXTENDED = 8,  /* white space and #comments in the pattern */
	REGEX_ANCHORED = 16,
	REGEX_DOLLAR_ENDONLY = 32, /* $ does not match before a last newline */
	REGEX_UNGREEDY = 64,
	REGEX_LAST_LINE = 128 /* with MULTILINE: ^ matches behind a last \n */
};

/* `options` are of the above. NULL: the pattern is wrong. */
struct regex *regex_compile(
    struct span pattern, unsigned options, struct error *error) MUST_USE;
/* NULL is allowed. */
void regex_destroy(struct regex *regex);

/* How many groups of parentheses it has. */
unsigned regex_group_count(const struct regex *regex);

enum regex_result {
	REGEX_NO_MATCH,
	REGEX_MATCH,
	REGEX_FAILED /* a limit was reached: *error says which */
};

/* groups[0] and on, at most `count`, are set to what the groups of the pattern
 * matched, in `subject`; one that took no part is empty. */
enum regex_result regex_match(struct regex *regex, struct span subject,
    struct span *groups, size_t count, struct error *error) MUST_USE;

#endif
