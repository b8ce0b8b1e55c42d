/* SPDX-License-Identifier: MIT */
/* malloc that cannot fail: no memory ends the process cleanly, and nothing that
 * was accepted is lost by that. Sizes that come from a peer are bounded before
 * they get here. Free with free(). */
#ifndef BASE_MEMORY_H
#define BASE_MEMORY_H

#include "lib/base/span.h"

void *memory_alloc(size_t size) __attribute__((malloc, returns_nonnull));
/* Filled with zeros. */
void *memory_zero(size_t size) __attribute__((malloc, returns_nonnull));
void *memory_resize(void *memory, size_t size) __attribute__((returns_nonnull));
/* NUL-terminated copy. */
char *memory_copy(struct span text) __attribute__((malloc, returns_nonnull));

/* Zeroed pages for a stack, with an inaccessible one below them. `size` is a
 * multiple of the page size. */
void *memory_map_stack(size_t size) __attribute__((malloc, returns_nonnull));
void memory_unmap_stack(void *stack, size_t size);

#endif
