/* SPDX-License-Identifier: MIT */
#include "lib/base/memory.h"

#include <sysexits.h>

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
	return must_have(malloc(size > 0 ? size : 1), size);
}

void *
memory_zero(size_t size)
{
	return must_have(calloc(1, size > 0 ? size : 1), size);
}

void *
memory_resize(void *memory, size_t size)
{
	return must_have(realloc(memory, size > 0 ? size : 1), size);
}

char *
memory_copy(struct span text)
{
	char *copy = memory_alloc(text.len + 1);

	memcpy(copy, text.at, text.len);
	copy[text.len] = '\0';
	return copy;
}
