/* SPDX-License-Identifier: MIT */
#include "lib/base/memory.h"
#include "lib/base/pool_storage.h"

struct pool_block {
	struct pool_block *older;
	void *object;
};

size_t
pool_storage_cost(const struct pool_storage *storage UNUSED, size_t size)
{
	return size + sizeof(struct pool_block);
}

void *
pool_storage_take(struct pool_storage *storage, size_t size)
{
	struct pool_block *block = memory_alloc(sizeof *block);

	block->object = memory_zero(size);
	block->older = storage->newest;
	storage->newest = block;
	return block->object;
}

void
pool_storage_free(struct pool_storage *storage)
{
	while (storage->newest != NULL) {
		struct pool_block *block = storage->newest;

		storage->newest = block->older;
		free(block->object);
		free(block);
	}
}
