/* SPDX-License-Identifier: MIT */
#include <openssl/core_dispatch.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rsa.h>

#include "lib/base/memory.h"
#include "lib/tls/error_queue.h"
#include "lib/tls/library.h"
#include "lib/tls/remote_private.h"

/* One signature that is being made. */
struct signing {
	const struct remote_key *key;
	enum sign_digest digest;
	enum sign_padding padding;
};

static const struct {
	int nid;
	enum sign_digest digest;
} digests[] = {
    {NID_sha224, SIGN_SHA224},
    {NID_sha256, SIGN_SHA256},
    {NID_sha384, SIGN_SHA384},
    {NID_sha512, SIGN_SHA512},
};

static void *
create(void *provider UNUSED, const char *properties UNUSED)
{
	return memory_zero(sizeof(struct signing));
}

static void
destroy(void *context)
{
	free(context);
}

/* SHA-1 and what is older is none of those that are made. */
static bool
set_digest(struct signing *signing, const char *name)
{
	EVP_MD *digest;
	int nid;

	if (strcmp(signing->key->type, "ED25519") == 0) {
		signing->digest = SIGN_WHOLE;
		return name == NULL || name[0] == '\0';
	}
	digest = EVP_MD_fetch(
	    library_context(), name == NULL ? "SHA256" : name, NULL);
	nid = digest == NULL ? NID_undef : EVP_MD_get_type(digest);
	EVP_MD_free(digest);
	for (size_t i = 0; i < COUNT_OF(digests); i++)
		if (digests[i].nid == nid) {
			signing->digest = digests[i].digest;
			return true;
		}
	return false;
}

/* OpenSSL says it in words or in numbers. */
static bool
is_param(const OSSL_PARAM *param, const char *word, int number)
{
	int value;

	if (param->data_type == OSSL_PARAM_UTF8_STRING)
		return strcmp(param->data, word) == 0;
	return OSSL_PARAM_get_int(param, &value) == 1 && value == number;
}

static bool
set_padding(struct signing *signing, const OSSL_PARAM *param)
{
	if (is_param(param, OSSL_PKEY_RSA_PAD_MODE_PSS, RSA_PKCS1_PSS_PADDING))
		signing->padding = SIGN_PSS;
	else if (is_param(
		     param, OSSL_PKEY_RSA_PAD_MODE_PKCSV15, RSA_PKCS1_PADDING))
		signing->padding = SIGN_PKCS1;
	else
		return false;
	return strcmp(signing->key->type, "RSA") == 0;
}

static int
set_params(void *context, const OSSL_PARAM params[])
{
	struct signing *signing = context;
	const OSSL_PARAM *param;

	if (params == NULL)
		return 1;
	param = OSSL_PARAM_locate_const(params, OSSL_SIGNATURE_PARAM_PAD_MODE);
	if (param != NULL && !set_padding(signing, param))
		return 0;
	param =
	    OSSL_PARAM_locate_const(params, OSSL_SIGNATURE_PARAM_PSS_SALTLEN);
	return param == NULL ||
	    is_param(param, OSSL_PKEY_RSA_PSS_SALT_LEN_DIGEST,
		RSA_PSS_SALTLEN_DIGEST);
}

static const OSSL_PARAM *
list_params(void *context UNUSED, void *provider UNUSED)
{
	static const OSSL_PARAM params[] = {
	    OSSL_PARAM_utf8_string(OSSL_SIGNATURE_PARAM_PAD_MODE, NULL, 0),
	    OSSL_PARAM_utf8_string(OSSL_SIGNATURE_PARAM_PSS_SALTLEN, NULL, 0),
	    OSSL_PARAM_END,
	};

	return params;
}

static int
begin(void *context, const char *digest, void *key, const OSSL_PARAM params[])
{
	struct signing *signing = context;

	signing->key = key;
	signing->padding =
	    strcmp(signing->key->type, "RSA") == 0 ? SIGN_PKCS1 : SIGN_UNPADDED;
	return signing->key->is_private && set_digest(signing, digest) &&
	    set_params(context, params) == 1;
}

/* Waits. Others may use OpenSSL meanwhile, and fail. */
static bool
ask(const struct signing *signing, struct span content, struct buf *signature)
{
	struct message_sign request = {
	    .key = key_name_span(&signing->key->name),
	    .digest = signing->digest,
	    .padding = signing->padding,
	    .content = content,
	};
	struct error error = {.text = ""};
	struct error_queue queue;
	bool made;

	error_queue_save(&queue);
	made = remote_key_ask(&request, signature, &error);
	error_queue_restore(&queue);
	if (!made)
		ERR_raise_data(
		    ERR_LIB_USER, ERR_R_INTERNAL_ERROR, "%s", error.text);
	return made;
}

static int
sign(void *context, unsigned char *signature, size_t *len, size_t size,
    const unsigned char *content, size_t content_len)
{
	const struct signing *signing = context;
	size_t maximum = (size_t)EVP_PKEY_get_size(signing->key->public);
	struct buf made;
	bool fits;

	*len = maximum;
	if (signature == NULL)
		return 1;
	buf_init(&made, maximum);
	fits = ask(signing, span_of(content, content_len), &made) &&
	    made.len <= size;
	if (fits) {
		span_copy(signature, buf_span(&made));
		*len = made.len;
	}
	buf_finish(&made);
	return fits;
}

#define FUNCTION(number, function)               \
	{                                        \
		number, (void (*)(void))function \
	}

static const OSSL_DISPATCH functions[] = {
    FUNCTION(OSSL_FUNC_SIGNATURE_NEWCTX, create),
    FUNCTION(OSSL_FUNC_SIGNATURE_FREECTX, destroy),
    FUNCTION(OSSL_FUNC_SIGNATURE_DIGEST_SIGN_INIT, begin),
    FUNCTION(OSSL_FUNC_SIGNATURE_DIGEST_SIGN, sign),
    FUNCTION(OSSL_FUNC_SIGNATURE_SET_CTX_PARAMS, set_params),
    FUNCTION(OSSL_FUNC_SIGNATURE_SETTABLE_CTX_PARAMS, list_params),
    {0, NULL},
};

const OSSL_ALGORITHM remote_signatures[] = {
    {"RSA:rsaEncryption:1.2.840.113549.1.1.1", "provider=postern", functions,
	"RSA signatures by keyd"},
    {"ECDSA", "provider=postern", functions, "ECDSA signatures by keyd"},
    {"ED25519:1.3.101.112", "provider=postern", functions,
	"Ed25519 signatures by keyd"},
    {NULL, NULL, NULL, NULL},
};
