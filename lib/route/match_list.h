/* SPDX-License-Identifier: MIT */
/* The lists of main.cf that things are matched against (mydestination,
 * mynetworks ...), read into items: plain words, type:table, each perhaps
 * negated with '!'; a /file stands for the words in it. What a word means is
 * up to domain_list.h and network_list.h, which embed this. */
#ifndef ROUTE_MATCH_LIST_H
#define ROUTE_MATCH_LIST_H

#include "lib/base/pool.h"
#include "lib/table/table.h"

struct match_item {
	bool negated;
	struct span word;
	struct table *table; /* NULL: a plain word */
};

struct match_file;

struct match_list {
	struct pool *pool;
	struct match_item *items;
	size_t count;
	struct match_file *files; /* those that were read, newest first */
};

struct match_list_source {
	struct span text; /* expanded */
	const struct table_options *options;
	/* Called for every plain word; NULL: all are good. */
	bool (*check_word)(struct span word, struct error *error);
};

/* On failure the list is empty and needs no match_list_finish. */
bool match_list_init(struct match_list *list,
    const struct match_list_source *source, struct error *error) MUST_USE;
void match_list_finish(struct match_list *list);

/* Whether a file or table it was made from has changed; *name, if not NULL, is
 * then its name. */
bool match_list_has_changed(const struct match_list *list, const char **name);

#endif
