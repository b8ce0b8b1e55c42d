/* SPDX-License-Identifier: MIT */
/* The texts with %-letters in the files that describe tables of databases
 * (query, result_format). */
#ifndef TABLE_QUERY_TEMPLATE_H
#define TABLE_QUERY_TEMPLATE_H

#include "lib/base/buf.h"

/* What the letters stand for. */
struct query_values {
	struct span key;
	/* In a result, %s %u %d are of the value and %S %U %D of the key; in a
	 * query both are of the key. */
	struct span value;
	bool has_value;
};

enum query_template_result {
	QUERY_TEMPLATE_DONE,
	QUERY_TEMPLATE_NOTHING, /* the key has no such part: nothing is found */
	QUERY_TEMPLATE_BAD      /* the text is wrong, or too long */
};

/* Appends `text` with %s (all), %u (local part, or all), %d (domain), %1 to %9
 * (labels of the key's domain from its end) and %% replaced. `quote` appends a
 * part so that the database cannot take it for something else; NULL: as it is.
 */
enum query_template_result query_template_expand(struct span text,
    const struct query_values *values,
    void (*quote)(struct buf *out, struct span part), struct buf *out) MUST_USE;

#endif
