/* SPDX-License-Identifier: MIT */
#include "lib/loop/fd_table.h"

#include "lib/base/memory.h"

static void
fd_table_grow(struct fd_table *table)
{
	table->size = table->size == 0 ? 64 : table->size * 2;
	table->slots =
	    memory_resize(table->slots, table->size * sizeof *table->slots);
	if (table->count == 0) {
		table->slots[0] = (struct fd_slot){0};
		table->count = 1;
	}
}

void
fd_table_add(struct fd_table *table, struct loop_fd *loop_fd)
{
	struct fd_slot *slot;

	loop_fd->index = table->free;
	if (loop_fd->index != 0) {
		table->free = table->slots[loop_fd->index].next_free;
	} else {
		if (table->count >= table->size)
			fd_table_grow(table);
		loop_fd->index = table->count++;
		table->slots[loop_fd->index] = (struct fd_slot){0};
	}
	slot = &table->slots[loop_fd->index];
	slot->loop_fd = loop_fd;
	loop_fd->generation = ++slot->generation;
}

bool
fd_table_remove(struct fd_table *table, struct loop_fd *loop_fd)
{
	struct fd_slot *slot;

	if (loop_fd->index == 0 || loop_fd->index >= table->count)
		return false;
	slot = &table->slots[loop_fd->index];
	if (slot->loop_fd != loop_fd)
		return false;
	slot->loop_fd = NULL;
	slot->next_free = table->free;
	table->free = loop_fd->index;
	loop_fd->index = 0;
	return true;
}

uint64_t
fd_table_tag(const struct loop_fd *loop_fd)
{
	return (uint64_t)loop_fd->generation << 32 | loop_fd->index;
}

struct loop_fd *
fd_table_find(const struct fd_table *table, uint64_t tag)
{
	uint32_t index = (uint32_t)tag;

	if (index == 0 || index >= table->count ||
	    table->slots[index].generation != tag >> 32)
		return NULL;
	return table->slots[index].loop_fd;
}

void
fd_table_finish(struct fd_table *table)
{
	free(table->slots);
	*table = (struct fd_table){0};
}
