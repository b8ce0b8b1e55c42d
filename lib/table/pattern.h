/* SPDX-License-Identifier: MIT */
/* What a type of patterns provides to rule_table.c, which asks row by row. */
#ifndef TABLE_PATTERN_H
#define TABLE_PATTERN_H

#include "lib/net/address.h"
#include "lib/table/rule_source.h"
#include "lib/table/table.h"

enum {
	PATTERN_GROUPS_MAXIMUM = 99
};

/* A key that is looked for, and what the last match found. */
struct pattern_subject {
	struct span key;
	struct address address; /* for who matches addresses */
	struct span groups[PATTERN_GROUPS_MAXIMUM];
};

struct pattern_type {
	enum rule_syntax syntax;

	/* NULL: the row is wrong, *error says what was expected. *groups is how
	 * many the pattern has. */
	void *(*compile)(const struct rule_line *line, unsigned *groups,
	    struct error *error);
	void (*destroy)(void *pattern);

	/* Once for each key; false: no row can match it. May be NULL. */
	bool (*begin)(struct pattern_subject *subject);
	/* False: the row holds for no such key, not even negated. May be NULL.
	 */
	bool (*concerns)(
	    const void *pattern, const struct pattern_subject *subject);
	/* TABLE_FOUND: it matches. TABLE_TRY_AGAIN: nobody knows, a limit was
	 * reached. */
	enum table_result (*match)(void *pattern,
	    struct pattern_subject *subject, struct error *error);
};

extern const struct pattern_type pattern_cidr;
extern const struct pattern_type pattern_pcre;
extern const struct pattern_type pattern_regexp;

#endif
