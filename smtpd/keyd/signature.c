/* SPDX-License-Identifier: MIT */
#include "smtpd/keyd/signature.h"

#include <openssl/err.h>
#include <openssl/rsa.h>

#include "lib/tls/library.h"

static const char *const digest_names[SIGN_DIGEST_COUNT] = {
    [SIGN_SHA224] = "SHA224",
    [SIGN_SHA256] = "SHA256",
    [SIGN_SHA384] = "SHA384",
    [SIGN_SHA512] = "SHA512",
};

/* How each kind of key signs. */
static const struct {
	const char *type;
	bool is_padded;
	bool has_digest;
} kinds[] = {
    {"RSA", true, true},
    {"EC", false, true},
    {"ED25519", false, false},
};

static bool
fits(const EVP_PKEY *key, const struct message_sign *request)
{
	if (request->digest >= SIGN_DIGEST_COUNT ||
	    request->padding >= SIGN_PADDING_COUNT)
		return false;
	for (size_t i = 0; i < COUNT_OF(kinds); i++)
		if (EVP_PKEY_is_a(key, kinds[i].type) == 1)
			return kinds[i].is_padded ==
			    (request->padding != SIGN_UNPADDED) &&
			    kinds[i].has_digest ==
			    (request->digest != SIGN_WHOLE);
	return false;
}

static bool
set_padding(EVP_PKEY_CTX *context, uint32_t padding)
{
	switch (padding) {
	case SIGN_PKCS1:
		return EVP_PKEY_CTX_set_rsa_padding(
			   context, RSA_PKCS1_PADDING) == 1;
	case SIGN_PSS:
		return EVP_PKEY_CTX_set_rsa_padding(
			   context, RSA_PKCS1_PSS_PADDING) == 1 &&
		    EVP_PKEY_CTX_set_rsa_pss_saltlen(
			context, RSA_PSS_SALTLEN_DIGEST) == 1;
	default:
		return true;
	}
}

static bool
sign(EVP_MD_CTX *context, EVP_PKEY *key, const struct message_sign *request,
    struct buf *signature)
{
	size_t len = (size_t)EVP_PKEY_get_size(key);
	char *room = buf_reserve(signature, len);
	EVP_PKEY_CTX *settings;

	if (room == NULL ||
	    EVP_DigestSignInit_ex(context, &settings,
		digest_names[request->digest], library_context(), NULL, key,
		NULL) != 1 ||
	    !set_padding(settings, request->padding) ||
	    EVP_DigestSign(context, (unsigned char *)room, &len,
		(const unsigned char *)request->content.at,
		request->content.len) != 1)
		return false;
	buf_grew(signature, len);
	return true;
}

bool
signature_make(EVP_PKEY *key, const struct message_sign *request,
    struct buf *signature, struct error *error)
{
	EVP_MD_CTX *context;
	bool made;

	if (!fits(key, request))
		return error_set(error, ERROR_INVALID,
		    "this kind of key does not sign like that");
	ERR_clear_error();
	context = EVP_MD_CTX_new();
	made = context != NULL && sign(context, key, request, signature);
	EVP_MD_CTX_free(context);
	return made || library_failure(error, "the signature failed");
}
