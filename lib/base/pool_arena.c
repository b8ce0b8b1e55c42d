/* SPDX-License-Identifier: MIT */
#include "lib/base/memory.h"
#include "lib/base/pool_storage.h"

enum {
	BLOCK_SIZE = 2048
};

struct pool_block {
	struct pool_block *older;
	size_t room;
	max_align_t bytes[];
};

static size_t
aligned(size_t size)
{
	size_t unit = sizeof(max_align_t);

	return (size + unit - 1) / unit * unit;
}

static size_t
block_room(size_t size)
{
	size_t usual = BLOCK_SIZE - sizeof(struct pool_block);

	return size > usual ? size : usual;
}

size_t
pool_storage_cost(const struct pool_storage *storage, size_t size)
{
	size_t needed = aligned(size);

	if (storage->newest != NULL &&
	    storage->newest->room - storage->used >= needed)
		return 0;
	return sizeof(struct pool_block) + block_room(needed);
}

void *
pool_storage_take(struct pool_storage *storage, size_t size)
{
	size_t cost = pool_storage_cost(storage, size);
	void *object;

	if (cost > 0) {
		struct pool_block *block = memory_alloc(cost);

		block->older = storage->newest;
		block->room = block_room(aligned(size));
		storage->newest = block;
		storage->used = 0;
	}
	object = (char *)storage->newest->bytes + storage->used;
	storage->used += aligned(size);
	return memset(object, 0, size);
}

void
pool_storage_free(struct pool_storage *storage)
{
	while (storage->newest != NULL) {
		struct pool_block *block = storage->newest;

		storage->newest = block->older;
		free(block);
	}
	storage->used = 0;
}
