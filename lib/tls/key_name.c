/* SPDX-License-Identifier: MIT */
#include "lib/tls/key_name.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/x509.h>

#include "lib/tls/library.h"

/* A file may have the point of a curve in another form than a certificate. */
static bool
hash(EVP_PKEY *key, struct key_name *name)
{
	unsigned char *der = NULL;
	int len;
	bool done;

	if (EVP_PKEY_is_a(key, "EC") &&
	    EVP_PKEY_set_utf8_string_param(key,
		OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT,
		"uncompressed") != 1)
		return false;
	len = i2d_PUBKEY(key, &der);
	done = len > 0 &&
	    EVP_Q_digest(library_context(), "SHA256", NULL, der, (size_t)len,
		name->bytes, NULL) == 1;
	OPENSSL_free(der);
	return done;
}

bool
key_name_find(EVP_PKEY *key, struct key_name *name)
{
	EVP_PKEY *copy = EVP_PKEY_dup(key);
	bool found = copy != NULL && hash(copy, name);

	EVP_PKEY_free(copy);
	return found;
}

void
key_name_show(struct span name, char text[KEY_NAME_TEXT_SIZE])
{
	text[0] = '\0';
	for (size_t i = 0; i < name.len && 2 * i + 2 < KEY_NAME_TEXT_SIZE; i++)
		snprintf(text + 2 * i, 3, "%02x", (unsigned char)name.at[i]);
}
