/* SPDX-License-Identifier: MIT */
#include "smtp/dns/cache.h"

#include "lib/base/hash.h"
#include "lib/base/list.h"
#include "lib/base/memory.h"
#include "lib/loop/loop.h"

struct cache {
	struct hash *entries;
	struct list by_use; /* the latest first */
	size_t size;
	size_t maximum;
};

struct entry {
	struct list node;
	struct answer *answer;
	char *key;
};

struct cache *
cache_create(size_t maximum)
{
	struct cache *cache = memory_zero(sizeof *cache);

	cache->entries = hash_create();
	cache->maximum = maximum;
	list_init(&cache->by_use);
	return cache;
}

/* The key is in the hash, too. */
static size_t
entry_size(const struct entry *entry)
{
	return sizeof *entry + 2 * strlen(entry->key) +
	    answer_size(entry->answer);
}

static void
drop(struct cache *cache, struct entry *entry)
{
	cache->size -= entry_size(entry);
	hash_remove(cache->entries, span_text(entry->key));
	list_remove(&entry->node);
	answer_release(entry->answer);
	free(entry->key);
	free(entry);
}

void
cache_destroy(struct cache *cache)
{
	list_foreach_safe (node, &cache->by_use)
		drop(cache, list_element(node, struct entry, node));
	hash_destroy(cache->entries);
	free(cache);
}

struct answer *
cache_find(struct cache *cache, struct span key)
{
	struct entry *entry = hash_get(cache->entries, key);

	if (entry == NULL)
		return NULL;
	if (entry->answer->expires <= loop_now()) {
		drop(cache, entry);
		return NULL;
	}
	list_remove(&entry->node);
	list_add_first(&cache->by_use, &entry->node);
	return entry->answer;
}

void
cache_put(struct cache *cache, struct span key, struct answer *answer)
{
	struct entry *entry = hash_get(cache->entries, key);

	if (entry != NULL)
		drop(cache, entry);
	if (answer->expires <= loop_now())
		return;
	entry = memory_alloc(sizeof *entry);
	entry->answer = answer_hold(answer);
	entry->key = memory_copy(key);
	hash_put(cache->entries, key, entry);
	list_add_first(&cache->by_use, &entry->node);
	cache->size += entry_size(entry);
	while (cache->size > cache->maximum)
		drop(cache,
		    list_element(cache->by_use.previous, struct entry, node));
}
