/* SPDX-License-Identifier: MIT */
/* The grammar of $-expansions, taken apart without looking anything up; see
 * expand.h for the forms. Everything points into the text that was parsed. */
#ifndef PARAM_REFERENCE_H
#define PARAM_REFERENCE_H

#include "lib/base/error.h"
#include "lib/base/span.h"

/* What a comparison answers when left is less than, equal to or greater than
 * right. */
struct comparison {
	const char *text;
	bool is_level; /* compares versions */
	bool less;
	bool equal;
	bool greater;
};

enum reference_kind {
	REFERENCE_VALUE,      /* of `name` */
	REFERENCE_COMPARISON, /* of `left` and `right` */
	REFERENCE_FUNCTION    /* `name` of `left` */
};

struct reference {
	enum reference_kind kind;
	struct span name;
	const struct comparison *comparison;
	struct span left; /* unexpanded, as are all texts here */
	struct span right;
	bool is_conditional;
	struct span then_text; /* both empty unless conditional */
	struct span else_text;
};

enum reference_result {
	REFERENCE_TEXT,  /* *literal is plain text */
	REFERENCE_FOUND, /* *reference is set */
	REFERENCE_END,
	REFERENCE_BAD
};

/* Takes plain text or one reference from the front of *rest. */
enum reference_result reference_next(struct span *rest, struct span *literal,
    struct reference *reference, struct error *error) MUST_USE;

#endif
