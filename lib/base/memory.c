/* SPDX-License-Identifier: MIT */
#include "lib/base/memory.h"

#include <sys/mman.h>

#include <sysexits.h>
#include <unistd.h>

#include "lib/base/refusal.h"

static void *
must_have(void *memory, size_t size)
{
	if (memory == NULL)
		fatal(EX_OSERR, "out of memory: %zu bytes refused", size);
	return memory;
}

void *
memory_alloc(size_t size)
{
	if (refusal_is_due(REFUSAL_OF_MEMORY))
		return must_have(NULL, size);
	return must_have(malloc(size > 0 ? size : 1), size);
}

void *
memory_zero(size_t size)
{
	if (refusal_is_due(REFUSAL_OF_MEMORY))
		return must_have(NULL, size);
	return must_have(calloc(1, size > 0 ? size : 1), size);
}

void *
memory_resize(void *memory, size_t size)
{
	if (refusal_is_due(REFUSAL_OF_MEMORY))
		return must_have(NULL, size);
	return must_have(realloc(memory, size > 0 ? size : 1), size);
}

char *
memory_copy(struct span text)
{
	char *copy = memory_alloc(text.len + 1);

	if (text.len > 0)
		memcpy(copy, text.at, text.len);
	copy[text.len] = '\0';
	return copy;
}

void *
memory_map_stack(size_t size)
{
	size_t guard = (size_t)sysconf(_SC_PAGESIZE);
	char *mapping = mmap(NULL, guard + size, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);

	if (mapping == MAP_FAILED || mprotect(mapping, guard, PROT_NONE) < 0)
		fatal(EX_OSERR, "out of memory: stack of %zu bytes refused",
		    size);
	return mapping + guard;
}

void
memory_unmap_stack(void *stack, size_t size)
{
	size_t guard = (size_t)sysconf(_SC_PAGESIZE);

	must(munmap((char *)stack - guard, guard + size) == 0);
}
