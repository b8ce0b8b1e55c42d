/* SPDX-License-Identifier: MIT */
/* A table from byte strings to pointers. Keys are copied in; values belong to
 * the caller. The hash is keyed with random bytes per process, so that a peer
 * cannot choose colliding keys. */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include "lib/base/span.h"

struct hash;

struct hash_cursor {
	size_t position;
};

struct hash *hash_create(void) __attribute__((returns_nonnull));
/* Frees the table and its keys, not the values. NULL is allowed. */
void hash_destroy(struct hash *hash);

/* NULL when the key is absent. */
void *hash_get(const struct hash *hash, struct span key);
/* Stores `value` (not NULL); returns the value it replaced, or NULL. */
void *hash_put(struct hash *hash, struct span key, void *value);
/* Returns the removed value, or NULL. */
void *hash_remove(struct hash *hash, struct span key);
size_t hash_count(const struct hash *hash);

/* The digest by which keys are found: for a table of another shape. Another one
 * in each process. */
uint64_t hash_digest(struct span key);

/* Walks all entries in no particular order, starting with a zeroed cursor;
 * returns the value, or NULL at the end. Removing the entry just returned is
 * allowed, adding is not. `key` may be NULL. */
void *hash_next(
    const struct hash *hash, struct hash_cursor *cursor, struct span *key);

#endif
