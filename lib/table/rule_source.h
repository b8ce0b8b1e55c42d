/* SPDX-License-Identifier: MIT */
/* The text of tables of patterns (regexp, pcre, cidr): rows of a pattern and a
 * result, and rows that "if pattern" and "endif" enclose. Read with the structs
 * of map_source.h. */
#ifndef TABLE_RULE_SOURCE_H
#define TABLE_RULE_SOURCE_H

#include "lib/table/map_source.h"

enum rule_line_kind {
	RULE_LINE_ROW,
	RULE_LINE_IF,
	RULE_LINE_ENDIF
};

/* All spans are valid until the next call. */
struct rule_line {
	enum rule_line_kind kind;
	bool negated; /* !pattern */
	struct span pattern;
	struct span flags;  /* behind the second delimiter */
	struct span result; /* of a row; what is too much behind the others */
	unsigned line;      /* number of its first physical line */
};

enum rule_syntax {
	RULE_SYNTAX_DELIMITED, /* /pattern/flags */
	RULE_SYNTAX_WORD       /* pattern */
};

/* As map_source_next. */
enum map_source_result rule_source_next(struct map_source *source,
    enum rule_syntax syntax, struct rule_line *line,
    struct error *error) MUST_USE;

#endif
