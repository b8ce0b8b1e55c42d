/* SPDX-License-Identifier: MIT */
#include "smtpd/keyd/keyring.h"

#include <unistd.h>

#include "lib/base/hash.h"
#include "lib/base/memory.h"
#include "lib/tls/key_name.h"
#include "lib/tls/key_text.h"

#include "smtpd/keyd/vault.h"

enum {
	FILE_MAXIMUM = 1 << 20 /* bytes of keys and certificates */
};

/* A file in which a key was. */
struct holder {
	uint32_t number;
	uint32_t side;
};

struct key {
	EVP_PKEY *key;
	struct holder *holders;
	size_t holder_count;
};

static struct hash *keys; /* name -> struct key */

static void
hold(struct key *key, uint32_t number, uint32_t side)
{
	key->holders = memory_resize(
	    key->holders, (key->holder_count + 1) * sizeof *key->holders);
	key->holders[key->holder_count++] = (struct holder){number, side};
}

static void
destroy(struct key *key)
{
	EVP_PKEY_free(key->key);
	free(key->holders);
	free(key);
}

/* Takes the key. */
static void
put(EVP_PKEY *fresh, const struct key_name *name, struct holder holder)
{
	struct key *key = hash_get(keys, key_name_span(name));

	if (key == NULL) {
		key = memory_zero(sizeof *key);
		key->key = fresh;
		must(hash_put(keys, key_name_span(name), key) == NULL);
	} else {
		EVP_PKEY_free(fresh);
	}
	hold(key, holder.number, holder.side);
}

static size_t
add_text(struct span text, struct holder holder)
{
	struct pem_block block;
	size_t count = 0;

	while (pem_next(&text, &block) == PEM_STEP_BLOCK) {
		EVP_PKEY *key =
		    pem_is_key(&block) ? key_text_decode(&block) : NULL;
		struct key_name name;

		if (key != NULL && key_name_find(key, &name)) {
			put(key, &name, holder);
			count++;
		} else {
			EVP_PKEY_free(key);
		}
	}
	return count;
}

/* The offset is shared with other processes, and only what this one may call
 * is used. */
static bool
read_text(int fd, char *text, size_t *len, struct error *error)
{
	ssize_t got;

	*len = 0;
	while ((got = pread(
		    fd, text + *len, FILE_MAXIMUM + 1 - *len, (off_t)*len)) > 0)
		*len += (size_t)got;
	if (got < 0)
		return error_system(error, "read");
	return *len <= FILE_MAXIMUM ||
	    error_set(
		error, ERROR_LIMIT, "expected at most %d bytes", FILE_MAXIMUM);
}

bool
keyring_add(
    uint32_t number, uint32_t side, int fd, size_t *count, struct error *error)
{
	struct holder holder = {number, side};
	char *text = vault_alloc(FILE_MAXIMUM + 1);
	size_t len;
	bool is_read;

	if (keys == NULL)
		keys = hash_create();
	is_read = read_text(fd, text, &len, error);
	*count = is_read ? add_text(span_of(text, len), holder) : 0;
	vault_free(text);
	if (is_read && *count == 0)
		return error_set(error, ERROR_INVALID,
		    "expected a private key in PEM, without a passphrase");
	return is_read;
}

static void
let_go(struct key *key, uint32_t number)
{
	size_t kept = 0;

	for (size_t i = 0; i < key->holder_count; i++)
		if (key->holders[i].number != number)
			key->holders[kept++] = key->holders[i];
	key->holder_count = kept;
}

void
keyring_forget(uint32_t number)
{
	struct hash_cursor cursor = {0};
	struct span name;
	struct key *key;

	while (
	    keys != NULL && (key = hash_next(keys, &cursor, &name)) != NULL) {
		let_go(key, number);
		if (key->holder_count > 0)
			continue;
		must(hash_remove(keys, name) == key);
		destroy(key);
	}
}

EVP_PKEY *
keyring_find(struct span name, unsigned *sides)
{
	const struct key *key = keys == NULL ? NULL : hash_get(keys, name);

	if (key == NULL)
		return NULL;
	*sides = 0;
	for (size_t i = 0; i < key->holder_count; i++)
		*sides |= key->holders[i].side;
	return key->key;
}

size_t
keyring_count(void)
{
	return keys == NULL ? 0 : hash_count(keys);
}
