/* SPDX-License-Identifier: MIT */
#include "lib/tls/key.h"

#include <fcntl.h>
#include <openssl/decoder.h>
#include <openssl/err.h>

#include "lib/base/io.h"
#include "lib/tls/library.h"
#include "lib/tls/pem.h"

enum {
	FILE_MAXIMUM = 1 << 20 /* bytes of keys and certificates */
};

/* Nobody is there to type a passphrase. */
static int
no_passphrase(char *to UNUSED, size_t size UNUSED, size_t *len UNUSED,
    const OSSL_PARAM params[] UNUSED, void *owner UNUSED)
{
	return 0;
}

static EVP_PKEY *
decode(const struct pem_block *block)
{
	const unsigned char *at = (const unsigned char *)block->text.at;
	size_t len = block->text.len;
	EVP_PKEY *key = NULL;
	OSSL_DECODER_CTX *decoder = OSSL_DECODER_CTX_new_for_pkey(&key, "PEM",
	    NULL, NULL, OSSL_KEYMGMT_SELECT_KEYPAIR, library_context(), NULL);

	must(decoder != NULL);
	must(OSSL_DECODER_CTX_set_passphrase_cb(decoder, no_passphrase, NULL));
	if (OSSL_DECODER_from_data(decoder, &at, &len) != 1) {
		EVP_PKEY_free(key);
		key = NULL;
	}
	OSSL_DECODER_CTX_free(decoder);
	return key;
}

/* The first key of the text that belongs to the certificate. */
static EVP_PKEY *
find(X509 *certificate, const char *file, struct span text, struct error *error)
{
	struct pem_block block;
	enum pem_step step;
	bool has_key = false;

	while ((step = pem_next(&text, &block)) == PEM_STEP_BLOCK) {
		EVP_PKEY *key = pem_is_key(&block) ? decode(&block) : NULL;

		has_key = has_key || pem_is_key(&block);
		if (key == NULL)
			continue;
		if (X509_check_private_key(certificate, key) == 1)
			return key;
		EVP_PKEY_free(key);
	}
	if (step == PEM_STEP_BROKEN)
		error_set(
		    error, ERROR_INVALID, "%s: a PEM block has no end", file);
	else
		library_failure(error, "%s: %s", file,
		    has_key ? "no private key in it that is readable and "
			      "belongs to the certificate"
			    : "expected a private key in PEM");
	return NULL;
}

EVP_PKEY *
key_open(X509 *certificate, const char *file, struct error *error)
{
	EVP_PKEY *key = NULL;
	struct buf text;

	buf_init(&text, FILE_MAXIMUM);
	/* It never moves, so no copy of a key stays behind. */
	must(buf_reserve(&text, FILE_MAXIMUM) != NULL);
	ERR_clear_error();
	if (io_read_file(AT_FDCWD, file, &text, error))
		key = find(certificate, file, buf_span(&text), error);
	OPENSSL_cleanse(text.at, text.size);
	buf_finish(&text);
	ERR_clear_error();
	return key;
}
