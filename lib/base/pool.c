/* SPDX-License-Identifier: MIT */
#include "lib/base/pool.h"

#include "lib/base/list.h"
#include "lib/base/memory.h"
#include "lib/base/pool_storage.h"
#include "lib/base/refusal.h"

struct on_destroy {
	struct on_destroy *older;
	void (*action)(void *argument);
	void *argument;
};

struct pool {
	struct pool *parent;
	struct list children;
	struct list sibling; /* in parent->children */
	const char *name;
	size_t maximum;
	size_t used; /* with all pools below */
	struct pool_storage storage;
	struct on_destroy *actions;
};

struct pool *
pool_create(struct pool *parent, const char *name, size_t maximum)
{
	struct pool *pool = memory_zero(sizeof *pool);

	pool->parent = parent;
	pool->name = name;
	pool->maximum = maximum;
	list_init(&pool->children);
	list_init(&pool->sibling);
	if (parent != NULL)
		list_add_last(&parent->children, &pool->sibling);
	return pool;
}

static bool
has_room(const struct pool *pool, size_t cost)
{
	for (; pool != NULL; pool = pool->parent)
		if (cost > pool->maximum || pool->used > pool->maximum - cost)
			return false;
	return true;
}

static bool
has_maximum(const struct pool *pool)
{
	while (pool != NULL && pool->maximum == POOL_NO_MAXIMUM)
		pool = pool->parent;
	return pool != NULL;
}

static void
count_used(struct pool *pool, size_t cost)
{
	for (; pool != NULL; pool = pool->parent)
		pool->used += cost;
}

static void *
take(struct pool *pool, size_t size)
{
	size_t cost;

	/* Beyond this, rounding up would wrap around. */
	if (size > PTRDIFF_MAX)
		return NULL;
	cost = pool_storage_cost(&pool->storage, size);
	if (!has_room(pool, cost))
		return NULL;
	count_used(pool, cost);
	return pool_storage_take(&pool->storage, size);
}

void *
pool_alloc(struct pool *pool, size_t size)
{
	if (has_maximum(pool) && refusal_is_due(REFUSAL_OF_POOL))
		return NULL;
	return take(pool, size);
}

void *
pool_alloc_fitting(struct pool *pool, size_t size)
{
	void *object = take(pool, size);

	must(object != NULL);
	return object;
}

char *
pool_copy(struct pool *pool, struct span text)
{
	char *copy = pool_alloc(pool, text.len + 1);

	if (copy != NULL && text.len > 0)
		memcpy(copy, text.at, text.len);
	return copy;
}

bool
pool_copy_span(struct pool *pool, struct span text, struct span *copy)
{
	char *bytes = pool_copy(pool, text);

	if (bytes == NULL)
		return false;
	*copy = span_of(bytes, text.len);
	return true;
}

char *
pool_printf(struct pool *pool, const char *format, ...)
{
	va_list arguments;
	char *text;
	int len;

	va_start(arguments, format);
	len = vsnprintf(NULL, 0, format, arguments);
	va_end(arguments);
	must(len >= 0);
	text = pool_alloc(pool, (size_t)len + 1);
	if (text == NULL)
		return NULL;
	va_start(arguments, format);
	vsnprintf(text, (size_t)len + 1, format, arguments);
	va_end(arguments);
	return text;
}

void
pool_on_destroy(
    struct pool *pool, void (*action)(void *argument), void *argument)
{
	/* Not from the arena: registering a clean-up must never fail. */
	struct on_destroy *entry = memory_alloc(sizeof *entry);

	*entry = (struct on_destroy){pool->actions, action, argument};
	pool->actions = entry;
}

static void
run_actions(struct pool *pool)
{
	while (pool->actions != NULL) {
		struct on_destroy *entry = pool->actions;

		pool->actions = entry->older;
		entry->action(entry->argument);
		free(entry);
	}
}

void
pool_clear(struct pool *pool)
{
	while (!list_is_empty(&pool->children))
		pool_destroy(
		    list_element(pool->children.next, struct pool, sibling));
	run_actions(pool);
	pool_storage_free(&pool->storage);
	if (pool->parent != NULL) {
		struct pool *above = pool->parent;

		for (; above != NULL; above = above->parent)
			above->used -= pool->used;
	}
	pool->used = 0;
}

void
pool_destroy(struct pool *pool)
{
	if (pool == NULL)
		return;
	pool_clear(pool);
	list_remove(&pool->sibling);
	free(pool);
}

size_t
pool_used(const struct pool *pool)
{
	return pool->used;
}
