/* SPDX-License-Identifier: MIT */
#include "lib/tls/fingerprint.h"

#include <openssl/err.h>
#include <openssl/evp.h>

#include "lib/base/text.h"
#include "lib/tls/library.h"

EVP_MD *
fingerprint_digest(const char *name, struct error *error)
{
	EVP_MD *digest = EVP_MD_fetch(library_context(), name, NULL);

	ERR_clear_error();
	if (digest == NULL)
		error_set(error, ERROR_INVALID,
		    "\"%s\": expected a digest such as sha256", name);
	return digest;
}

static void
write_hex(const unsigned char *bytes, size_t len, char *text)
{
	static const char digits[] = "0123456789ABCDEF";

	for (size_t i = 0; i < len; i++) {
		*text++ = digits[bytes[i] >> 4];
		*text++ = digits[bytes[i] & 15];
		if (i + 1 < len)
			*text++ = ':';
	}
	*text = '\0';
}

void
fingerprint_certificate(
    X509 *certificate, const EVP_MD *digest, char text[FINGERPRINT_SIZE])
{
	unsigned char bytes[EVP_MAX_MD_SIZE];
	unsigned len;

	must(X509_digest(certificate, digest, bytes, &len) == 1);
	write_hex(bytes, len, text);
}

void
fingerprint_key(
    X509 *certificate, const EVP_MD *digest, char text[FINGERPRINT_SIZE])
{
	unsigned char bytes[EVP_MAX_MD_SIZE];
	unsigned char *encoded = NULL;
	unsigned len;
	int size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &encoded);

	must(size > 0);
	must(EVP_Digest(encoded, (size_t)size, bytes, &len, digest, NULL) == 1);
	OPENSSL_free(encoded);
	write_hex(bytes, len, text);
}

/* The digits that count, from *at on. */
static char
next_digit(struct span text, size_t *at)
{
	while (*at < text.len && text.at[*at] == ':')
		(*at)++;
	return *at < text.len ? text_lower(text.at[(*at)++]) : '\0';
}

bool
fingerprint_equal(const char *fingerprint, struct span text)
{
	struct span ours = span_text(fingerprint);
	size_t i = 0;
	size_t j = 0;
	char digit;

	do {
		digit = next_digit(ours, &i);
		if (digit != next_digit(text, &j))
			return false;
	} while (digit != '\0');
	return ours.len > 0;
}
