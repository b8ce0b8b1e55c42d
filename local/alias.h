/* SPDX-License-Identifier: MIT */
/* What alias_maps make of a local name. */
#ifndef LOCAL_ALIAS_H
#define LOCAL_ALIAS_H

#include "lib/base/error.h"
#include "lib/base/pool.h"

enum {
	ALIAS_MEMBERS_MAXIMUM = 20000
};

/* Lives in the pool that was given. */
struct alias_expansion {
	/* Addresses in internal form, each of them once; one without a domain
	 * is local. One that starts with a backslash is no alias. */
	struct span *members;
	size_t count;
};

enum alias_result {
	ALIAS_NONE,
	ALIAS_EXPANDED,
	ALIAS_TRY_AGAIN, /* the tables do not answer */
	ALIAS_BAD        /* nothing can be done with it; *error says why */
};

/* Takes a value apart. Commands, files and :include: lists are ALIAS_BAD: this
 * version does not deliver to them. */
enum alias_result alias_parse(struct pool *pool, struct span name,
    struct span value, struct alias_expansion *expansion,
    struct error *error) MUST_USE;

/* Looks `name` up. In a coroutine. */
enum alias_result alias_find(struct pool *pool, struct span name,
    struct alias_expansion *expansion, struct error *error) MUST_USE;

/* Whether there is an alias owner-`name`, who gets the bounces; *owner is then
 * its name. ALIAS_NONE: there is none. */
enum alias_result alias_find_owner(struct pool *pool, struct span name,
    struct span *owner, struct error *error) MUST_USE;

#endif
