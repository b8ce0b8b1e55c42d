/* SPDX-License-Identifier: MIT */
/* Several tables, asked in order, as in "alias_maps = hash:/etc/aliases,
 * texthash:/x". Owned by whoever opened it. */
#ifndef TABLE_TABLE_LIST_H
#define TABLE_TABLE_LIST_H

#include "lib/table/table.h"

struct table_list;

/* `names` are separated by commas and white space outside braces; none is an
 * empty list. NULL: failure, see table_open. */
struct table_list *table_list_open(struct span names, const char *default_type,
    const struct table_options *options, struct error *error) MUST_USE;
/* NULL is allowed. */
void table_list_close(struct table_list *list);

/* Is told of every row that is found, for those who explain an answer. */
struct table_observer {
	void (*found)(
	    void *owner, const char *table, struct span key, struct span value);
	void *owner;
};

/* `observer` outlives the list; NULL: nobody. */
void table_list_observe(
    struct table_list *list, const struct table_observer *observer);

bool table_list_is_empty(const struct table_list *list);

/* The first answer other than TABLE_NOT_FOUND; see table_get. */
enum table_result table_list_get(struct table_list *list, struct span key,
    struct buf *value, struct error *error) MUST_USE;

/* The same for a part of what is looked for, of which tables of patterns are
 * not asked (TABLE_WHOLE_KEY). */
enum table_result table_list_get_part(struct table_list *list, struct span key,
    struct buf *value, struct error *error) MUST_USE;

/* Whether any of them has; *name, if not NULL, is then its name. */
bool table_list_has_changed(const struct table_list *list, const char **name);
/* Opens all of them anew; the first failure ends it, and what is open stays. */
bool table_list_reopen(struct table_list *list, struct error *error) MUST_USE;

#endif
