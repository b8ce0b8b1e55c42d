/* SPDX-License-Identifier: MIT */
#include "smtpd/keyd/vault.h"

#include <sys/mman.h>

#include <errno.h>
#include <openssl/crypto.h>

#include "lib/base/io.h"

enum {
	HEAD = 16,         /* before each block, which is aligned like it */
	SMALLEST = 5,      /* 32 bytes */
	LARGEST = 21,      /* 2 MB */
	RESERVE = 32 << 20 /* of addresses: locked when they are used */
};

/* A block: free ones of a size are in a list, others know their size. */
struct block {
	union {
		struct block *next; /* while it is free */
		size_t size;        /* head included; a power of two */
	};

	char padding[HEAD - sizeof(size_t)];
};

_Static_assert(sizeof(struct block) == HEAD, "blocks stay aligned");

static struct {
	struct block *free[LARGEST + 1]; /* by binary logarithm of their size */
	char *fresh;                     /* what no block was cut from yet */
	size_t fresh_len;
	size_t size;
	struct error failure; /* of locking */
} vault;

/* As much as may be locked; if none may, the memory serves all the same. */
static void
lock(void)
{
	vault.size = RESERVE;
	while (mlock2(vault.fresh, vault.size, MLOCK_ONFAULT) < 0) {
		if (vault.size <= (size_t)1 << LARGEST) {
			error_system(&vault.failure, "mlock");
			vault.size = RESERVE;
			return;
		}
		vault.size /= 2;
	}
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
	char *block = vault.fresh;

	if (vault.fresh_len < size) {
		errno = ENOMEM;
		io_give_up("memory for keys");
	}
	vault.fresh += size;
	vault.fresh_len -= size;
	return (struct block *)(void *)block;
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
	unsigned class;

	must(size <= ((size_t)1 << LARGEST) - HEAD);
	class = class_of(size + HEAD);
	block = vault.free[class];
	if (block != NULL)
		vault.free[class] = block->next;
	else
		block = cut((size_t)1 << class);
	block->size = (size_t)1 << class;
	return (char *)block + HEAD;
}

void
vault_free(void *memory)
{
	struct block *block;
	unsigned class;

	if (memory == NULL)
		return;
	block = block_of(memory);
	class = class_of(block->size);
	explicit_bzero(memory, block->size - HEAD);
	block->next = vault.free[class];
	vault.free[class] = block;
}

/* ---- for OpenSSL ---- */

static void *
serve_alloc(size_t size, const char *file UNUSED, int line UNUSED)
{
	return size == 0 || size > ((size_t)1 << LARGEST) - HEAD
	    ? NULL
	    : vault_alloc(size);
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
	void *memory = mmap(NULL, RESERVE, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (memory == MAP_FAILED || madvise(memory, RESERVE, MADV_DONTDUMP) < 0)
		io_give_up("memory for keys");
	vault.fresh = memory;
	lock();
	vault.fresh_len = vault.size;
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
	return vault.size - vault.fresh_len;
}
