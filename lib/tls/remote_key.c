/* SPDX-License-Identifier: MIT */
#include "lib/tls/remote_key.h"

#include <openssl/core_dispatch.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/params.h>
#include <openssl/provider.h>

#include "lib/base/memory.h"
#include "lib/tls/library.h"
#include "lib/tls/remote_private.h"

/* Among the parameters of a key: its private half exists, elsewhere. */
#define MARK "postern-remote"

static OSSL_LIB_CTX *the_context;
static bool (*the_signer)(const struct message_sign *request,
    struct buf *signature, struct error *error);

void
remote_key_set_signer(bool (*sign)(const struct message_sign *request,
    struct buf *signature, struct error *error))
{
	the_signer = sign;
}

bool
remote_key_ask(const struct message_sign *request, struct buf *signature,
    struct error *error)
{
	return the_signer != NULL
	    ? the_signer(request, signature, error)
	    : error_set(error, ERROR_TEMPORARY, "there is nobody who signs");
}

/* ---- what OpenSSL asks of keys ---- */

static void *
create(const char *type)
{
	struct remote_key *key = memory_zero(sizeof *key);

	key->type = type;
	return key;
}

static void *
create_rsa(void *provider UNUSED)
{
	return create("RSA");
}

static void *
create_ec(void *provider UNUSED)
{
	return create("EC");
}

static void *
create_ed25519(void *provider UNUSED)
{
	return create("ED25519");
}

static void
destroy(void *keydata)
{
	struct remote_key *key = keydata;

	EVP_PKEY_free(key->public);
	free(key);
}

static int
has(const void *keydata, int selection)
{
	const struct remote_key *key = keydata;

	return key->public != NULL &&
	    ((selection & OSSL_KEYMGMT_SELECT_PRIVATE_KEY) == 0 ||
		key->is_private);
}

static int
match(const void *a, const void *b, int selection UNUSED)
{
	const struct remote_key *one = a;
	const struct remote_key *other = b;

	return one->public != NULL && other->public != NULL &&
	    EVP_PKEY_eq(one->public, other->public) == 1;
}

static bool
import_public(struct remote_key *key, const OSSL_PARAM params[])
{
	EVP_PKEY_CTX *context =
	    EVP_PKEY_CTX_new_from_name(library_context(), key->type, NULL);
	bool done = context != NULL && EVP_PKEY_fromdata_init(context) == 1 &&
	    EVP_PKEY_fromdata(context, &key->public, EVP_PKEY_PUBLIC_KEY,
		(OSSL_PARAM *)(uintptr_t)params) == 1;

	EVP_PKEY_CTX_free(context);
	return done;
}

/* A private half does not belong into this process. */
static int
import(void *keydata, int selection UNUSED, const OSSL_PARAM params[])
{
	struct remote_key *key = keydata;

	if (OSSL_PARAM_locate_const(params, OSSL_PKEY_PARAM_PRIV_KEY) != NULL ||
	    OSSL_PARAM_locate_const(params, OSSL_PKEY_PARAM_RSA_D) != NULL ||
	    !import_public(key, params))
		return 0;
	key->is_private = OSSL_PARAM_locate_const(params, MARK) != NULL;
	return !key->is_private || key_name_find(key->public, &key->name);
}

/* Refused together with the private half, so that OpenSSL turns to this
 * provider for what needs it. */
static int export(
    void *keydata, int selection, OSSL_CALLBACK *take, void *argument)
{
	const struct remote_key *key = keydata;
	OSSL_PARAM *params = NULL;
	int done;

	if ((selection & OSSL_KEYMGMT_SELECT_PRIVATE_KEY) != 0 ||
	    key->public == NULL ||
	    EVP_PKEY_todata(key->public, EVP_PKEY_PUBLIC_KEY, &params) != 1)
		return 0;
	done = take(params, argument);
	OSSL_PARAM_free(params);
	return done;
}

static const OSSL_PARAM *
list_types(int selection UNUSED)
{
	static const OSSL_PARAM types[] = {
	    OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, NULL, 0),
	    OSSL_PARAM_octet_string(OSSL_PKEY_PARAM_PUB_KEY, NULL, 0),
	    OSSL_PARAM_BN(OSSL_PKEY_PARAM_RSA_N, NULL, 0),
	    OSSL_PARAM_BN(OSSL_PKEY_PARAM_RSA_E, NULL, 0),
	    OSSL_PARAM_uint(MARK, NULL),
	    OSSL_PARAM_END,
	};

	return types;
}

static int
get_params(void *keydata, OSSL_PARAM params[])
{
	const struct remote_key *key = keydata;

	return key->public != NULL && EVP_PKEY_get_params(key->public, params);
}

static const OSSL_PARAM *
list_params(void *provider UNUSED)
{
	static const OSSL_PARAM params[] = {
	    OSSL_PARAM_int(OSSL_PKEY_PARAM_BITS, NULL),
	    OSSL_PARAM_int(OSSL_PKEY_PARAM_SECURITY_BITS, NULL),
	    OSSL_PARAM_int(OSSL_PKEY_PARAM_MAX_SIZE, NULL),
	    OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, NULL, 0),
	    OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_DEFAULT_DIGEST, NULL, 0),
	    OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_MANDATORY_DIGEST, NULL, 0),
	    OSSL_PARAM_END,
	};

	return params;
}

static const char *
name_rsa(int operation UNUSED)
{
	return "RSA";
}

static const char *
name_ec(int operation UNUSED)
{
	return "ECDSA";
}

static const char *
name_ed25519(int operation UNUSED)
{
	return "ED25519";
}

/* ---- the provider ---- */

#define FUNCTION(number, function)               \
	{                                        \
		number, (void (*)(void))function \
	}

#define KEYS(create, name)                                                    \
	{                                                                     \
		FUNCTION(OSSL_FUNC_KEYMGMT_NEW, create),                      \
		    FUNCTION(OSSL_FUNC_KEYMGMT_FREE, destroy),                \
		    FUNCTION(OSSL_FUNC_KEYMGMT_HAS, has),                     \
		    FUNCTION(OSSL_FUNC_KEYMGMT_MATCH, match),                 \
		    FUNCTION(OSSL_FUNC_KEYMGMT_IMPORT, import),               \
		    FUNCTION(OSSL_FUNC_KEYMGMT_IMPORT_TYPES, list_types),     \
		    FUNCTION(OSSL_FUNC_KEYMGMT_EXPORT, export),               \
		    FUNCTION(OSSL_FUNC_KEYMGMT_EXPORT_TYPES, list_types),     \
		    FUNCTION(OSSL_FUNC_KEYMGMT_GET_PARAMS, get_params),       \
		    FUNCTION(OSSL_FUNC_KEYMGMT_GETTABLE_PARAMS, list_params), \
		    FUNCTION(OSSL_FUNC_KEYMGMT_QUERY_OPERATION_NAME, name),   \
		    {0, NULL},                                                \
	}

static const OSSL_DISPATCH rsa_keys[] = KEYS(create_rsa, name_rsa);
static const OSSL_DISPATCH ec_keys[] = KEYS(create_ec, name_ec);
static const OSSL_DISPATCH ed25519_keys[] = KEYS(create_ed25519, name_ed25519);

static const OSSL_ALGORITHM keys[] = {
    {"RSA:rsaEncryption:1.2.840.113549.1.1.1", "provider=postern", rsa_keys,
	"RSA keys at keyd"},
    {"EC:id-ecPublicKey:1.2.840.10045.2.1", "provider=postern", ec_keys,
	"EC keys at keyd"},
    {"ED25519:1.3.101.112", "provider=postern", ed25519_keys,
	"Ed25519 keys at keyd"},
    {NULL, NULL, NULL, NULL},
};

static const OSSL_ALGORITHM *
list_algorithms(void *provider UNUSED, int operation, int *no_store)
{
	*no_store = 0;
	switch (operation) {
	case OSSL_OP_KEYMGMT:
		return keys;
	case OSSL_OP_SIGNATURE:
		return remote_signatures;
	default:
		return NULL;
	}
}

static int
init(const OSSL_CORE_HANDLE *handle, const OSSL_DISPATCH *in UNUSED,
    const OSSL_DISPATCH **out, void **provider)
{
	static const OSSL_DISPATCH functions[] = {
	    FUNCTION(OSSL_FUNC_PROVIDER_QUERY_OPERATION, list_algorithms),
	    {0, NULL},
	};

	*out = functions;
	*provider = (void *)(uintptr_t)handle;
	return 1;
}

static OSSL_LIB_CTX *
context(void)
{
	if (the_context != NULL)
		return the_context;
	the_context = OSSL_LIB_CTX_new();
	must(the_context != NULL);
	must(OSSL_PROVIDER_add_builtin(the_context, "postern", init) == 1);
	must(OSSL_PROVIDER_load(the_context, "postern") != NULL);
	return the_context;
}

static EVP_PKEY *
create_from(const char *type, OSSL_PARAM params[])
{
	EVP_PKEY_CTX *maker = EVP_PKEY_CTX_new_from_name(context(), type, NULL);
	EVP_PKEY *made = NULL;

	if (maker == NULL || EVP_PKEY_fromdata_init(maker) != 1 ||
	    EVP_PKEY_fromdata(maker, &made, EVP_PKEY_KEYPAIR, params) != 1)
		made = NULL;
	EVP_PKEY_CTX_free(maker);
	return made;
}

/* NULL: none of the kinds that are. */
static const char *
type_of(const EVP_PKEY *key)
{
	static const char *const types[] = {"RSA", "EC", "ED25519"};

	for (size_t i = 0; i < COUNT_OF(types); i++)
		if (EVP_PKEY_is_a(key, types[i]) == 1)
			return types[i];
	return NULL;
}

EVP_PKEY *
remote_key_create(const EVP_PKEY *key, struct error *error)
{
	unsigned yes = 1;
	OSSL_PARAM mark[] = {
	    OSSL_PARAM_construct_uint(MARK, &yes),
	    OSSL_PARAM_construct_end(),
	};
	const char *type = type_of(key);
	OSSL_PARAM *public = NULL;
	OSSL_PARAM *params;
	EVP_PKEY *made = NULL;

	if (type == NULL) {
		error_set(error, ERROR_INVALID,
		    "expected a key of type RSA, EC or Ed25519");
		return NULL;
	}
	ERR_clear_error();
	if (EVP_PKEY_todata(key, EVP_PKEY_PUBLIC_KEY, &public) == 1) {
		params = OSSL_PARAM_merge(public, mark);
		must(params != NULL);
		made = create_from(type, params);
		OSSL_PARAM_free(params);
	}
	OSSL_PARAM_free(public);
	if (made == NULL)
		library_failure(error, "the public key is unusable");
	return made;
}
