/* SPDX-License-Identifier: MIT */
/* Tables of patterns that are tried in order: regexp, pcre, cidr. */
#ifndef TABLE_RULE_TABLE_H
#define TABLE_RULE_TABLE_H

#include "lib/table/pattern.h"

struct rule_table;

/* `argument` is a file, or { {row} {row} ... }. A row that cannot be understood
 * is left out with a warning. NULL: failure. */
struct rule_table *rule_table_open(const struct pattern_type *type,
    const char *argument, const struct table_options *options,
    struct error *error) MUST_USE;
void rule_table_close(struct rule_table *table);

/* The first row whose pattern matches. TABLE_TRY_AGAIN when that of a row could
 * not be found out, whatever stands below. */
enum table_result rule_table_get(struct rule_table *table, struct span key,
    struct buf *value, struct error *error) MUST_USE;

bool rule_table_has_changed(const struct rule_table *table);

#endif
