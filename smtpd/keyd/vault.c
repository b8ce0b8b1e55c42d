/* SPDX-License-Identifier: MIT */
#include "smtpd/keyd/vault.h"

#include <sys/mman.h>

#include <openssl/crypto.h>

#include "lib/base/io.h"

enum {
	HEAD = 16,        /* before each block, which is aligned like it */
	SMALLEST = 5,     /* 32 bytes */
	LARGEST = 16,     /* 64 KB */
	CHUNK = 256 << 10 /* bytes that small blocks are cut from */
};

/* A block: free ones of a size are in a list, others know their size. */
struct block {
	union {
		struct block *next; /* while it is free */
		size_t size; /* head included; a power of two, or pages */
	};

	char padding[HEAD - sizeof(size_t)];
};

_Static_assert(sizeof(struct block) == HEAD, "blocks stay aligned");

static struct {
	struct block *free[LARGEST + 1]; /* by binary logarithm of their size */
	char *fresh;                     /* what is left of the last chunk */
	size_t fresh_len;
	size_t used;
	struct error failure; /* the first one of locking */
} vault;

/* mlock2: sanitizers make nothing of mlock. */
static void *
map(size_t size)
{
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED || madvise(memory, size, MADV_DONTDUMP) < 0)
		io_give_up("memory for keys");
	if (mlock2(memory, size, 0) < 0 && vault.failure.kind == ERROR_NONE)
		error_system(&vault.failure, "mlock");
	vault.used += size;
	return memory;
}

static unsigned
class_of(size_t size)
{
	unsigned class = SMALLEST;

	while (((size_t)1 << class) < size)
		class ++;
	return class;
}

static struct block *
cut(size_t size)
{
	char *block;

	if (vault.fresh_len < size) {
		vault.fresh = map(CHUNK);
		vault.fresh_len = CHUNK;
	}
	block = vault.fresh;
	vault.fresh += size;
	vault.fresh_len -= size;
	return (struct block *)(void *)block;
}

static struct block *
take_small(unsigned class)
{
	struct block *block = vault.free[class];

	if (block != NULL)
		vault.free[class] = block->next;
	else
		block = cut((size_t)1 << class);
	block->size = (size_t)1 << class;
	return block;
}

static struct block *
take_large(size_t size)
{
	size_t pages = (size + CHUNK - 1) / CHUNK * CHUNK;
	struct block *block = map(pages);

	block->size = pages;
	return block;
}

static struct block *
block_of(void *memory)
{
	return (struct block *)(void *)((char *)memory - HEAD);
}

void *
vault_alloc(size_t size)
{
	struct block *block;

	must(size < SIZE_MAX / 2);
	size += HEAD;
	block = size <= (size_t)1 << LARGEST ? take_small(class_of(size))
					     : take_large(size);
	return (char *)block + HEAD;
}

void
vault_free(void *memory)
{
	struct block *block;
	size_t size;

	if (memory == NULL)
		return;
	block = block_of(memory);
	size = block->size;
	explicit_bzero(memory, size - HEAD);
	if (size > (size_t)1 << LARGEST) {
		vault.used -= size;
		must(munmap(block, size) == 0);
		return;
	}
	block->next = vault.free[class_of(size)];
	vault.free[class_of(size)] = block;
}

/* ---- for OpenSSL ---- */

static void *
serve_alloc(size_t size, const char *file UNUSED, int line UNUSED)
{
	return size == 0 ? NULL : vault_alloc(size);
}

static void
serve_free(void *memory, const char *file UNUSED, int line UNUSED)
{
	vault_free(memory);
}

static void *
serve_resize(void *memory, size_t size, const char *file, int line)
{
	size_t room = memory == NULL ? 0 : block_of(memory)->size - HEAD;
	void *moved;

	if (size > 0 && size <= room)
		return memory;
	moved = serve_alloc(size, file, line);
	if (moved != NULL && memory != NULL)
		memcpy(moved, memory, room);
	vault_free(memory);
	return moved;
}

void
vault_open(void)
{
	must(CRYPTO_set_mem_functions(serve_alloc, serve_resize, serve_free) ==
	    1);
}

bool
vault_is_locked(struct error *error)
{
	if (vault.failure.kind == ERROR_NONE)
		return true;
	*error = vault.failure;
	return false;
}

size_t
vault_used(void)
{
	return vault.used;
}
