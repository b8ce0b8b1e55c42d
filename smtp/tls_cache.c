/* SPDX-License-Identifier: MIT */
#include "smtp/tls_cache.h"

#include "lib/base/hash.h"
#include "lib/base/list.h"
#include "lib/base/memory.h"

enum {
	ENTRIES_MAXIMUM = 1000,
	MILLISECONDS = 1000
};

struct entry {
	struct list node; /* the latest first */
	char *key;
	SSL_SESSION *session;
	enum secure_trust trust;
	int64_t kept;
};

static struct {
	struct hash *entries;
	struct list latest;
	int64_t lifetime;
} cache;

void
tls_cache_open(int64_t lifetime)
{
	cache.entries = hash_create();
	list_init(&cache.latest);
	cache.lifetime = lifetime * MILLISECONDS;
}

/* Gives the session to the caller. */
static SSL_SESSION *
remove_entry(struct entry *entry)
{
	SSL_SESSION *session = entry->session;

	list_remove(&entry->node);
	hash_remove(cache.entries, span_text(entry->key));
	free(entry->key);
	free(entry);
	return session;
}

SSL_SESSION *
tls_cache_take(const char *key, int64_t now, enum secure_trust *trust)
{
	struct entry *entry = cache.lifetime == 0
	    ? NULL
	    : hash_get(cache.entries, span_text(key));

	if (entry == NULL)
		return NULL;
	if (now - entry->kept >= cache.lifetime) {
		SSL_SESSION_free(remove_entry(entry));
		return NULL;
	}
	*trust = entry->trust;
	if (SSL_SESSION_get_protocol_version(entry->session) >= TLS1_3_VERSION)
		return remove_entry(entry);
	SSL_SESSION_up_ref(entry->session);
	return entry->session;
}

void
tls_cache_keep(
    const char *key, SSL_SESSION *session, enum secure_trust trust, int64_t now)
{
	struct entry *entry;

	if (cache.lifetime == 0) {
		SSL_SESSION_free(session);
		return;
	}
	entry = hash_get(cache.entries, span_text(key));
	if (entry != NULL)
		SSL_SESSION_free(remove_entry(entry));
	else if (hash_count(cache.entries) == ENTRIES_MAXIMUM)
		SSL_SESSION_free(remove_entry(
		    list_element(cache.latest.previous, struct entry, node)));
	entry = memory_zero(sizeof *entry);
	entry->key = memory_copy(span_text(key));
	entry->session = session;
	entry->trust = trust;
	entry->kept = now;
	list_add_first(&cache.latest, &entry->node);
	hash_put(cache.entries, span_text(entry->key), entry);
}
