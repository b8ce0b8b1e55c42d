/* SPDX-License-Identifier: MIT */
#include "lib/tls/ticket.h"

#include <openssl/core_names.h>
#include <openssl/params.h>
#include <openssl/rand.h>

#include "lib/base/random.h"
#include "lib/tls/library.h"

/* What OpenSSL's callback says about a ticket. */
enum {
	TICKET_FAILED = -1,
	TICKET_UNKNOWN = 0, /* or: make none */
	TICKET_GOOD = 1,
	TICKET_RENEW = 2 /* good, and made with an old key */
};

static struct ticket_keys the_keys;
static EVP_CIPHER *the_cipher;

void
ticket_set(const struct ticket_keys *keys)
{
	must(keys->count <= TICKET_KEYS_MAXIMUM);
	OPENSSL_cleanse(&the_keys, sizeof the_keys);
	the_keys = *keys;
}

bool
ticket_has_keys(void)
{
	return the_keys.count > 0;
}

void
ticket_rotate(struct ticket_keys *keys, size_t keep)
{
	must(keep > 0 && keep <= TICKET_KEYS_MAXIMUM);
	memmove(&keys->keys[1], &keys->keys[0],
	    (TICKET_KEYS_MAXIMUM - 1) * sizeof keys->keys[0]);
	random_bytes(&keys->keys[0], sizeof keys->keys[0]);
	if (keys->count < keep)
		keys->count++;
	keys->count = keys->count < keep ? keys->count : keep;
	OPENSSL_cleanse(&keys->keys[keys->count],
	    (TICKET_KEYS_MAXIMUM - keys->count) * sizeof keys->keys[0]);
}

static bool
use(const struct ticket_key *key, const unsigned char *iv,
    EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac, bool encrypts)
{
	char digest[] = "SHA256";
	const OSSL_PARAM params[] = {
	    OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
	    OSSL_PARAM_construct_end(),
	};

	return EVP_MAC_init(mac, key->hmac, sizeof key->hmac, params) == 1 &&
	    EVP_CipherInit_ex2(
		cipher, the_cipher, key->aes, iv, encrypts, NULL) == 1;
}

static int
begin_ticket(unsigned char *name, unsigned char *iv, EVP_CIPHER_CTX *cipher,
    EVP_MAC_CTX *mac)
{
	const struct ticket_key *key = &the_keys.keys[0];

	if (the_keys.count == 0)
		return TICKET_UNKNOWN;
	memcpy(name, key->name, TICKET_NAME_SIZE);
	if (RAND_bytes_ex(library_context(), iv,
		(size_t)EVP_CIPHER_get_iv_length(the_cipher), 0) != 1 ||
	    !use(key, iv, cipher, mac, true))
		return TICKET_FAILED;
	return TICKET_GOOD;
}

static int
open_ticket(const unsigned char *name, const unsigned char *iv,
    EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac)
{
	for (size_t i = 0; i < the_keys.count; i++) {
		const struct ticket_key *key = &the_keys.keys[i];

		if (CRYPTO_memcmp(key->name, name, TICKET_NAME_SIZE) != 0)
			continue;
		if (!use(key, iv, cipher, mac, false))
			return TICKET_FAILED;
		return i == 0 ? TICKET_GOOD : TICKET_RENEW;
	}
	return TICKET_UNKNOWN;
}

static int
take(SSL *ssl UNUSED, unsigned char *name, unsigned char *iv,
    EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac, int makes)
{
	return makes ? begin_ticket(name, iv, cipher, mac)
		     : open_ticket(name, iv, cipher, mac);
}

void
ticket_attach(SSL_CTX *context)
{
	if (the_cipher == NULL)
		the_cipher =
		    EVP_CIPHER_fetch(library_context(), "AES-256-CBC", NULL);
	must(the_cipher != NULL);
	must(SSL_CTX_set_tlsext_ticket_key_evp_cb(context, take) == 1);
}
