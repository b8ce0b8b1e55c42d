/* SPDX-License-Identifier: MIT */
/* Registered descriptors by number. An epoll event carries the number and the
 * generation of its descriptor, never a pointer: one that is still in the batch
 * when its owner is freed finds nothing. The loop owns the table. */
#ifndef LOOP_FD_TABLE_H
#define LOOP_FD_TABLE_H

#include "lib/loop/loop.h"

struct fd_slot {
	struct loop_fd *loop_fd; /* NULL: free */
	uint32_t generation;
	uint32_t next_free;
};

/* Zeroed before first use. */
struct fd_table {
	struct fd_slot *slots; /* the first is not used: 0 means none */
	uint32_t count;
	uint32_t size;
	uint32_t free;
};

/* Sets index and generation of `loop_fd`. */
void fd_table_add(struct fd_table *table, struct loop_fd *loop_fd);
/* False when it was not in the table; it is then left alone. */
bool fd_table_remove(struct fd_table *table, struct loop_fd *loop_fd);
/* What an event is tagged with. */
uint64_t fd_table_tag(const struct loop_fd *loop_fd);
/* NULL when the tagged descriptor has been removed. */
struct loop_fd *fd_table_find(const struct fd_table *table, uint64_t tag);
void fd_table_finish(struct fd_table *table);

#endif
