/* SPDX-License-Identifier: MIT */
#include "lib/tls/key.h"

#include <fcntl.h>
#include <openssl/err.h>

#include "lib/base/io.h"
#include "lib/tls/key_text.h"
#include "lib/tls/keyd.h"
#include "lib/tls/library.h"
#include "lib/tls/remote_key.h"

enum {
	FILE_MAXIMUM = 1 << 20 /* bytes of keys and certificates */
};

static void (*the_announce)(const char *file);

void
key_keep_at_keyd(void (*announce)(const char *file))
{
	the_announce = announce;
	remote_key_set_signer(keyd_sign);
}

static EVP_PKEY *
open_remote(X509 *certificate, const char *file, struct error *error)
{
	const EVP_PKEY *public = X509_get0_pubkey(certificate);
	EVP_PKEY *key = NULL;

	if (public == NULL)
		library_failure(error, "the certificate has no usable key");
	else
		key = remote_key_create(public, error);
	if (key == NULL)
		error_prefix(error, "%s", file);
	else
		the_announce(file);
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
		EVP_PKEY *key =
		    pem_is_key(&block) ? key_text_decode(&block) : NULL;

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

static EVP_PKEY *
open_local(X509 *certificate, const char *file, struct error *error)
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

EVP_PKEY *
key_open(X509 *certificate, const char *file, struct error *error)
{
	return the_announce == NULL ? open_local(certificate, file, error)
				    : open_remote(certificate, file, error);
}
