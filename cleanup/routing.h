/* SPDX-License-Identifier: MIT */
/* The tables that say who gets a message, which way it goes and whether its
 * content is wanted, as the whole process uses them: opened at the start,
 * opened anew when one has changed. */
#ifndef CLEANUP_ROUTING_H
#define CLEANUP_ROUTING_H

#include "lib/route/content_checks.h"
#include "lib/route/route.h"

/* The header and body checks, or NULL when none are configured. */
struct content_checks *routing_checks(void);

bool routing_open(struct error *error) MUST_USE;
/* From now on watches the tables. */
void routing_begin(void);
/* For the sandbox: its tables may be opened anew. */
void routing_need_files(void);

/* `address` as user@domain, in `pool`; the null address stays. False when the
 * pool is at its maximum or the address is too long. */
bool routing_complete(
    struct pool *pool, struct span address, struct span *complete) MUST_USE;

/* As route_rewrite and route_find_copy. */
bool routing_rewrite(struct pool *pool, enum route_place place,
    struct span address, struct span *out, struct error *error) MUST_USE;
/* Whether routing_rewrite could change an address of a header. */
bool routing_rewrites_header(void);
bool routing_find_copy(struct pool *pool, enum route_copy whose,
    struct span address, struct span *copy, struct error *error) MUST_USE;

/* As route_expand_virtual, for a complete `recipient`. */
bool routing_expand(struct pool *pool, struct span recipient,
    struct route_expansion *expansion, struct error *error) MUST_USE;

/* As route_resolve. */
bool routing_resolve(struct pool *pool, const struct route_query *query,
    struct route_answer *answer, struct error *error) MUST_USE;

#endif
