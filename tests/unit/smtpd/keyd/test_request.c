/* SPDX-License-Identifier: MIT */
/* Handshakes of OpenSSL's whose signatures keyd makes: what it takes for a
 * handshake is what handshakes are. And what it does not sign. */
#include <sys/mman.h>

#include "lib/tls/key_name.h"
#include "lib/tls/remote_key.h"

#include "../../lib/tls/handshake.h"
#include "smtpd/keyd/keyring.h"
#include "smtpd/keyd/request.h"
#include "smtpd/keyd/vault.h"

enum {
	FILE_NUMBER = 1
};

static struct identity identity;
static EVP_PKEY *remote;
static enum sign_result last;

static bool
sign(const struct message_sign *request, struct buf *signature,
    struct error *error)
{
	last = request_answer(request, signature, error);
	return last == SIGN_MADE;
}

/* Puts the key into the keyring, for `sides`. */
static void
use(EVP_PKEY *key, uint32_t sides)
{
	int fd = memfd_create("keys", MFD_CLOEXEC);
	FILE *file = fdopen(dup(fd), "w");
	struct error error;
	size_t count;

	identity = handshake_identity(key);
	assert_int_equal(
	    PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL), 1);
	fclose(file);
	for (uint32_t side = KEY_OF_SERVER; side <= KEY_OF_CLIENT; side *= 2)
		if ((sides & side) != 0)
			assert_true(
			    keyring_add(FILE_NUMBER, side, fd, &count, &error));
	close(fd);
	remote =
	    remote_key_create(X509_get0_pubkey(identity.certificate), &error);
	assert_non_null(remote);
}

static void
forget(void)
{
	keyring_forget(FILE_NUMBER);
	EVP_PKEY_free(remote);
	identity_free(&identity);
}

struct variant {
	int version;
	const char *ciphers;
	const char *groups;
	bool has_client_key;
};

static bool
run(const struct variant *variant)
{
	SSL_CTX *server = handshake_context(TLS_server_method(),
	    variant->version, identity.certificate,
	    variant->has_client_key ? identity.key : remote);
	SSL_CTX *client =
	    handshake_context(TLS_client_method(), variant->version,
		variant->has_client_key ? identity.certificate : NULL, remote);
	struct handshake handshake;
	bool is_done;

	assert_int_equal(SSL_CTX_set_cipher_list(server, variant->ciphers), 1);
	if (variant->groups != NULL)
		assert_int_equal(
		    SSL_CTX_set1_groups_list(client, variant->groups), 1);
	if (variant->has_client_key) {
		SSL_CTX_set_verify(server,
		    SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
		X509_STORE_add_cert(
		    SSL_CTX_get_cert_store(server), identity.certificate);
	}
	last = SIGN_NO_KEY;
	handshake = handshake_begin(server, client);
	is_done = handshake_run(&handshake);
	handshake_end(&handshake);
	SSL_CTX_free(server);
	SSL_CTX_free(client);
	return is_done && last == SIGN_MADE;
}

/* The first group is used, the others are those of certificates. */
static const struct variant variants[] = {
    {TLS1_3_VERSION, "HIGH", NULL, false},
    {TLS1_3_VERSION, "HIGH", NULL, true},
    {TLS1_2_VERSION, "ECDHE", "P-256:P-384", false},
    {TLS1_2_VERSION, "ECDHE", "P-384:P-256", false},
    {TLS1_2_VERSION, "ECDHE", "P-521:P-256:P-384", false},
    {TLS1_2_VERSION, "ECDHE", "X25519:P-256:P-384", false},
    {TLS1_2_VERSION, "ECDHE", "X448:P-256:P-384", false},
    {TLS1_2_VERSION, "ECDHE", NULL, true},
};

static void
signs_with(EVP_PKEY *key)
{
	use(key, KEY_OF_SERVER | KEY_OF_CLIENT);
	for (size_t i = 0; i < COUNT_OF(variants); i++)
		if (!run(&variants[i]))
			fail_msg("variant %zu", i);
	forget();
}

static void
signs_what_handshakes_have_signed(void **state UNUSED)
{
	static const struct variant finite = {
	    TLS1_2_VERSION, "DHE", NULL, false};
	static const struct variant encrypted = {
	    TLS1_2_VERSION, "kRSA", NULL, true};

	signs_with(EVP_EC_gen("P-256"));
	signs_with(EVP_EC_gen("P-384"));
	signs_with(EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"));
	signs_with(EVP_RSA_gen(2048));
	use(EVP_RSA_gen(2048), KEY_OF_SERVER | KEY_OF_CLIENT);
	assert_true(run(&finite));
	assert_true(run(&encrypted));
	forget();
}

/* A key is used for the side that it was given for. */
static void
keeps_sides_apart(void **state UNUSED)
{
	const struct variant *server = &variants[0];
	const struct variant *client = &variants[1];

	use(EVP_EC_gen("P-256"), KEY_OF_SERVER);
	assert_true(run(server));
	assert_false(run(client));
	assert_int_equal(last, SIGN_REFUSED);
	forget();
	use(EVP_EC_gen("P-256"), KEY_OF_CLIENT);
	assert_true(run(client));
	assert_false(run(server));
	assert_int_equal(last, SIGN_REFUSED);
	forget();
}

static void
refuses_what_is_none(void **state UNUSED)
{
	static char proof[] = "                                "
			      "                                "
			      "TLS 1.3, server CertificateVerify\0"
			      "0123456789abcdef0123456789abcdef";
	struct span content = SPAN_EMPTY;
	struct key_name name;
	struct error error;
	struct buf signature;

	use(EVP_RSA_gen(2048), KEY_OF_SERVER);
	assert_true(key_name_find(identity.key, &name));
	content = span_of(proof, sizeof proof - 1);

	const struct {
		struct span key;
		uint32_t digest;
		uint32_t padding;
		struct span content;
		enum sign_result result;
	} cases[] = {
	    {key_name_span(&name), SIGN_SHA256, SIGN_PSS, content, SIGN_MADE},
	    {key_name_span(&name), SIGN_SHA256, SIGN_PSS,
		span_head(content, content.len - 1), SIGN_REFUSED},
	    {key_name_span(&name), SIGN_SHA256, SIGN_PSS,
		span_skip(content, 98), SIGN_REFUSED}, /* the digest alone */
	    {key_name_span(&name), SIGN_SHA256, SIGN_PSS, SPAN_EMPTY,
		SIGN_REFUSED},
	    {key_name_span(&name), SIGN_SHA256, SIGN_PKCS1, content,
		SIGN_REFUSED},
	    {key_name_span(&name), SIGN_SHA256, SIGN_UNPADDED, content,
		SIGN_FAILED},
	    {key_name_span(&name), SIGN_WHOLE, SIGN_UNPADDED, content,
		SIGN_FAILED},
	    {key_name_span(&name), SIGN_DIGEST_COUNT, SIGN_PSS, content,
		SIGN_FAILED},
	    {key_name_span(&name), UINT32_MAX, SIGN_PSS, content, SIGN_FAILED},
	    {key_name_span(&name), SIGN_SHA256, UINT32_MAX, content,
		SIGN_FAILED},
	    {SPAN_EMPTY, SIGN_SHA256, SIGN_PSS, content, SIGN_NO_KEY},
	    {span_head(key_name_span(&name), 31), SIGN_SHA256, SIGN_PSS,
		content, SIGN_NO_KEY},
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct message_sign request = {cases[i].key, cases[i].digest,
		    cases[i].padding, cases[i].content};
		enum sign_result result;

		buf_init(&signature, 1024);
		result = request_answer(&request, &signature, &error);
		if (result != cases[i].result ||
		    (signature.len > 0) != (result == SIGN_MADE))
			fail_msg("case %zu: %u", i, (unsigned)result);
		buf_finish(&signature);
	}
	forget();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(signs_what_handshakes_have_signed),
	    cmocka_unit_test(keeps_sides_apart),
	    cmocka_unit_test(refuses_what_is_none),
	};

	vault_open();
	remote_key_set_signer(sign);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
