/* SPDX-License-Identifier: MIT */
/* Where a pool's bytes come from: pool_arena.c cuts them from blocks,
 * pool_objects.c (sanitizer builds) takes each object from malloc, so that
 * every overrun is seen. CMake links one of the two. Private to pool.c. */
#ifndef BASE_POOL_STORAGE_H
#define BASE_POOL_STORAGE_H

#include "lib/base/base.h"

struct pool_block;

struct pool_storage {
	struct pool_block *newest;
	size_t used; /* of the newest block */
};

/* What the next object of `size` bytes takes from the system; 0 when it fits
 * into what is held already. */
size_t pool_storage_cost(const struct pool_storage *storage, size_t size);
/* Zeroed; takes exactly pool_storage_cost bytes from the system. */
void *pool_storage_take(struct pool_storage *storage, size_t size);
void pool_storage_free(struct pool_storage *storage);

#endif
