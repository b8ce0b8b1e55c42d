/* SPDX-License-Identifier: MIT */
/* A list of domains that others are matched against. Owned by its opener. */
#ifndef ROUTE_DOMAIN_LIST_H
#define ROUTE_DOMAIN_LIST_H

#include "lib/route/match_list.h"

struct domain_list;

/* What else than itself an item matches. */
enum domain_list_reach {
	DOMAIN_LIST_EXACT,  /* nothing: mydestination, virtual_..._domains */
	DOMAIN_LIST_DOTTED, /* ".example.com" matches all below it */
	DOMAIN_LIST_PARENT  /* "example.com" matches all below it, too: for
			     * names in parent_domain_matches_subdomains */
};

/* `text` is a match list (match_list.h); ASCII letters match whatever their
 * case, U-labels and A-labels match each other. NULL: failure. */
struct domain_list *domain_list_open(struct span text,
    enum domain_list_reach reach, const struct table_options *options,
    struct error *error) MUST_USE;
/* NULL is allowed. */
void domain_list_close(struct domain_list *list);

/* TABLE_FOUND: it is in the list. The first item that matches decides. */
enum table_result domain_list_match(const struct domain_list *list,
    struct span domain, struct error *error) MUST_USE;

bool domain_list_has_changed(const struct domain_list *list, const char **name);

#endif
