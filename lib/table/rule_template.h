/* SPDX-License-Identifier: MIT */
/* The result of a row of patterns, with what the pattern's groups matched put
 * in: $1, ${1}, $(1); $$ is a dollar. Lives in the pool it was parsed into. */
#ifndef TABLE_RULE_TEMPLATE_H
#define TABLE_RULE_TEMPLATE_H

#include "lib/base/buf.h"
#include "lib/base/error.h"
#include "lib/base/pool.h"

struct rule_template_piece;

struct rule_template {
	const struct rule_template_piece *first; /* NULL: empty */
	unsigned highest; /* of the groups it uses; 0: none */
};

/* False: a '$' with something else behind it. The pool has no maximum. */
bool rule_template_parse(struct span text, struct pool *pool,
    struct rule_template *template, struct error *error) MUST_USE;

/* The text as it is. */
void rule_template_literal(
    struct span text, struct pool *pool, struct rule_template *template);

/* groups[0] is the first group; there are at least `highest`. */
void rule_template_expand(const struct rule_template *template,
    const struct span *groups, struct buf *out);

#endif
