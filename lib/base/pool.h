/* SPDX-License-Identifier: MIT */
/* Memory by lifetime: objects are taken from a pool and all freed at once when
 * it is cleared or destroyed; none is freed singly. Pools form a tree: a child
 * dies with its parent and what it holds counts against the maximum of every
 * pool above it. Lifetimes have names: process > connection > transaction >
 * command; in qmgr process > message > delivery.
 *
 * Reaching a maximum is an expected failure of the pool's owner (452, 421, "try
 * again"): pool_alloc returns NULL. */
#ifndef BASE_POOL_H
#define BASE_POOL_H

#include "lib/base/span.h"

struct pool;

#define POOL_NO_MAXIMUM SIZE_MAX

/* `parent` may be NULL. `name` must outlive the pool. `maximum` in bytes. */
struct pool *pool_create(struct pool *parent, const char *name, size_t maximum)
    __attribute__((returns_nonnull));

/* Frees all objects and children and runs the on_destroy actions, newest
 * first; the pool itself is as new. */
void pool_clear(struct pool *pool);
/* NULL is allowed. */
void pool_destroy(struct pool *pool);

/* Zeroed, aligned for any type; NULL when a maximum would be passed. */
void *pool_alloc(struct pool *pool, size_t size) MUST_USE;
/* The same for an object that fits by construction, as the caller knows the
 * maximum and all that comes before: passing it is a bug. */
void *pool_alloc_fitting(struct pool *pool, size_t size)
    __attribute__((returns_nonnull));
/* NUL-terminated copies; NULL as pool_alloc. */
char *pool_copy(struct pool *pool, struct span text) MUST_USE;
char *pool_printf(struct pool *pool, const char *format, ...) MUST_USE
    PRINTF_LIKE(2, 3);
/* Copies `text`; false as pool_alloc's NULL, *copy is then unchanged. */
bool pool_copy_span(
    struct pool *pool, struct span text, struct span *copy) MUST_USE;

/* Calls action(argument) when the pool is cleared or destroyed. */
void pool_on_destroy(
    struct pool *pool, void (*action)(void *argument), void *argument);

/* Bytes taken from the system by this pool and its children. */
size_t pool_used(const struct pool *pool);

#endif
