/* SPDX-License-Identifier: MIT */
#include "lib/base/hash.h"

#include "lib/base/memory.h"
#include "lib/base/random.h"

enum {
	SMALLEST_SLOTS = 8
};

/* Linear probing over a power of two, at most three quarters full, removal by
 * tombstone. */
struct hash_entry {
	char *key; /* NULL: never used; GRAVE: removed */
	size_t key_len;
	uint64_t digest;
	void *value;
};

struct hash {
	struct hash_entry *entries;
	size_t slots;
	size_t count;
	size_t graves;
};

static char grave;
#define GRAVE (&grave)

static bool
is_live(const struct hash_entry *entry)
{
	return entry->key != NULL && entry->key != GRAVE;
}

static uint64_t
rotate(uint64_t word, int bits)
{
	return word << bits | word >> (64 - bits);
}

static void
sip_round(uint64_t v[4])
{
	v[0] += v[1];
	v[1] = rotate(v[1], 13) ^ v[0];
	v[0] = rotate(v[0], 32);
	v[2] += v[3];
	v[3] = rotate(v[3], 16) ^ v[2];
	v[0] += v[3];
	v[3] = rotate(v[3], 21) ^ v[0];
	v[2] += v[1];
	v[1] = rotate(v[1], 17) ^ v[2];
	v[2] = rotate(v[2], 32);
}

/* SipHash-1-3 (Aumasson and Bernstein). */
uint64_t
hash_digest(struct span key)
{
	static uint64_t secret[2];
	uint64_t v[4];
	uint64_t word;
	size_t at = 0;

	if (secret[0] == 0)
		random_bytes(secret, sizeof secret);
	v[0] = secret[0] ^ 0x736f6d6570736575;
	v[1] = secret[1] ^ 0x646f72616e646f6d;
	v[2] = secret[0] ^ 0x6c7967656e657261;
	v[3] = secret[1] ^ 0x7465646279746573;
	for (; key.len - at >= sizeof word; at += sizeof word) {
		memcpy(&word, key.at + at, sizeof word);
		v[3] ^= word;
		sip_round(v);
		v[0] ^= word;
	}
	word = (uint64_t)key.len << 56;
	for (int shift = 0; at < key.len; at++, shift += 8)
		word |= (uint64_t)(unsigned char)key.at[at] << shift;
	v[3] ^= word;
	sip_round(v);
	v[0] ^= word;
	v[2] ^= 0xff;
	for (int i = 0; i < 3; i++)
		sip_round(v);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

struct hash *
hash_create(void)
{
	return memory_zero(sizeof(struct hash));
}

void
hash_destroy(struct hash *hash)
{
	if (hash == NULL)
		return;
	for (size_t i = 0; i < hash->slots; i++)
		if (is_live(&hash->entries[i]))
			free(hash->entries[i].key);
	free(hash->entries);
	free(hash);
}

static struct hash_entry *
find_entry(const struct hash *hash, struct span key, uint64_t digest)
{
	if (hash->slots == 0)
		return NULL;
	for (size_t i = digest & (hash->slots - 1);;
	     i = (i + 1) & (hash->slots - 1)) {
		struct hash_entry *entry = &hash->entries[i];

		if (entry->key == NULL)
			return NULL;
		if (entry->key != GRAVE && entry->digest == digest &&
		    span_equal(span_of(entry->key, entry->key_len), key))
			return entry;
	}
}

static struct hash_entry *
free_entry(const struct hash *hash, uint64_t digest)
{
	size_t i = digest & (hash->slots - 1);

	while (is_live(&hash->entries[i]))
		i = (i + 1) & (hash->slots - 1);
	return &hash->entries[i];
}

static void
make_room(struct hash *hash)
{
	struct hash_entry *old = hash->entries;
	size_t old_slots = hash->slots;

	if ((hash->count + hash->graves + 1) * 4 <= hash->slots * 3)
		return;
	hash->slots = SMALLEST_SLOTS;
	while (hash->slots < (hash->count + 1) * 2)
		hash->slots *= 2;
	hash->entries = memory_zero(hash->slots * sizeof *hash->entries);
	hash->graves = 0;
	for (size_t i = 0; i < old_slots; i++)
		if (is_live(&old[i]))
			*free_entry(hash, old[i].digest) = old[i];
	free(old);
}

void *
hash_get(const struct hash *hash, struct span key)
{
	struct hash_entry *entry = find_entry(hash, key, hash_digest(key));

	return entry == NULL ? NULL : entry->value;
}

void *
hash_put(struct hash *hash, struct span key, void *value)
{
	uint64_t digest = hash_digest(key);
	struct hash_entry *entry = find_entry(hash, key, digest);

	must(value != NULL);
	if (entry != NULL) {
		void *old = entry->value;

		entry->value = value;
		return old;
	}
	make_room(hash);
	entry = free_entry(hash, digest);
	if (entry->key == GRAVE)
		hash->graves--;
	*entry = (struct hash_entry){memory_copy(key), key.len, digest, value};
	hash->count++;
	return NULL;
}

void *
hash_remove(struct hash *hash, struct span key)
{
	struct hash_entry *entry = find_entry(hash, key, hash_digest(key));
	void *value;

	if (entry == NULL)
		return NULL;
	value = entry->value;
	free(entry->key);
	*entry = (struct hash_entry){.key = GRAVE};
	hash->count--;
	hash->graves++;
	return value;
}

size_t
hash_count(const struct hash *hash)
{
	return hash->count;
}

void *
hash_next(const struct hash *hash, struct hash_cursor *cursor, struct span *key)
{
	while (cursor->position < hash->slots) {
		struct hash_entry *entry = &hash->entries[cursor->position++];

		if (!is_live(entry))
			continue;
		if (key != NULL)
			*key = span_of(entry->key, entry->key_len);
		return entry->value;
	}
	return NULL;
}
