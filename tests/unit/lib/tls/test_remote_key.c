/* SPDX-License-Identifier: MIT */
/* Keys whose signatures come from elsewhere: here from coroutines that wait
 * before they sign, and leave OpenSSL's error queue in disorder. */
#include "lib/loop/loop.h"
#include "lib/tls/key_name.h"
#include "lib/tls/remote_key.h"

#include "handshake.h"

enum {
	HANDSHAKES = 50
};

/* What the signer does when its turn comes. */
enum mood {
	SIGNS,
	FAILS
};

/* Who signs: a local key. */
static struct identity identity;
static struct key_name name;
static enum mood mood;
static int made;

static const struct {
	const char *name;
	uint32_t digest;
} digests[] = {
    {NULL, SIGN_WHOLE},
    {"SHA224", SIGN_SHA224},
    {"SHA256", SIGN_SHA256},
    {"SHA384", SIGN_SHA384},
    {"SHA512", SIGN_SHA512},
};

static bool
sign_locally(const struct message_sign *request, struct buf *signature)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	EVP_PKEY_CTX *settings;
	size_t len = (size_t)EVP_PKEY_get_size(identity.key);
	char *room = buf_reserve(signature, len);

	assert_non_null(room);
	assert_int_equal(
	    EVP_DigestSignInit_ex(context, &settings,
		digests[request->digest].name, NULL, NULL, identity.key, NULL),
	    1);
	if (request->padding == SIGN_PSS) {
		assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(
				     settings, RSA_PKCS1_PSS_PADDING),
		    1);
		assert_int_equal(EVP_PKEY_CTX_set_rsa_pss_saltlen(
				     settings, RSA_PSS_SALTLEN_DIGEST),
		    1);
	}
	assert_int_equal(EVP_DigestSign(context, (unsigned char *)room, &len,
			     (const unsigned char *)request->content.at,
			     request->content.len),
	    1);
	EVP_MD_CTX_free(context);
	buf_grew(signature, len);
	made++;
	return true;
}

static bool
sign(const struct message_sign *request, struct buf *signature,
    struct error *error)
{
	enum mood now = mood;

	assert_true(span_equal(request->key, key_name_span(&name)));
	assert_int_equal(ERR_peek_error(), 0);
	loop_sleep_until(loop_now() + 1 + made % 3);
	ERR_raise(ERR_LIB_USER, 99);
	if (now == FAILS)
		return error_set(error, ERROR_TEMPORARY, "out of ink");
	return sign_locally(request, signature);
}

static EVP_PKEY *
use(EVP_PKEY *key)
{
	struct error error;
	EVP_PKEY *remote;

	identity = handshake_identity(key);
	assert_true(key_name_find(identity.key, &name));
	remote =
	    remote_key_create(X509_get0_pubkey(identity.certificate), &error);
	assert_non_null(remote);
	return remote;
}

static void
assert_handshake(SSL_CTX *server, SSL_CTX *client)
{
	struct handshake handshake = handshake_begin(server, client);

	if (!handshake_run(&handshake)) {
		ERR_print_errors_fp(stderr);
		fail();
	}
	handshake_end(&handshake);
}

/* For every kind of key, in both roles. */
static void
signs_for(EVP_PKEY *key, int version)
{
	EVP_PKEY *remote = use(key);
	SSL_CTX *server = handshake_context(
	    TLS_server_method(), version, identity.certificate, remote);
	SSL_CTX *client = handshake_context(
	    TLS_client_method(), version, identity.certificate, remote);

	SSL_CTX_set_verify(
	    server, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
	X509_STORE_add_cert(
	    SSL_CTX_get_cert_store(server), identity.certificate);
	SSL_CTX_set_cipher_list(server, "HIGH:!kRSA");
	made = 0;
	assert_handshake(server, client);
	assert_int_equal(made, 2);
	SSL_CTX_free(server);
	SSL_CTX_free(client);
	EVP_PKEY_free(remote);
	identity_free(&identity);
}

static void
signs_for_both_sides(void **state UNUSED)
{
	static const int versions[] = {TLS1_2_VERSION, TLS1_3_VERSION};

	mood = SIGNS;
	for (size_t i = 0; i < COUNT_OF(versions); i++) {
		signs_for(EVP_EC_gen("P-256"), versions[i]);
		signs_for(EVP_EC_gen("P-384"), versions[i]);
		signs_for(EVP_RSA_gen(2048), versions[i]);
		signs_for(
		    EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"), versions[i]);
	}
}

static void
has_no_private_half(void **state UNUSED)
{
	EVP_PKEY *remote = use(EVP_EC_gen("P-256"));
	OSSL_PARAM *params = NULL;
	unsigned char *der = NULL;

	assert_int_equal(EVP_PKEY_eq(remote, identity.key), 1);
	assert_int_equal(EVP_PKEY_get_bits(remote), 256);
	assert_int_equal(EVP_PKEY_todata(remote, EVP_PKEY_KEYPAIR, &params), 0);
	assert_true(i2d_PrivateKey(remote, &der) <= 0);
	EVP_PKEY_free(remote);
	identity_free(&identity);
}

static void
refuses_other_kinds(void **state UNUSED)
{
	EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "ED448");
	struct error error;

	assert_null(remote_key_create(key, &error));
	assert_non_null(strstr(error.text, "expected"));
	EVP_PKEY_free(key);
}

/* ---- interleaved ---- */

/* How a handshake of many is to end. */
static const struct {
	enum mood mood;
	const char *ciphers; /* of the client */
	int library;         /* of the reason that is expected; 0: success */
} plans[] = {
    {SIGNS, "HIGH", 0}, {FAILS, "HIGH", ERR_LIB_USER}, {SIGNS, "HIGH", 0},
    {SIGNS, "kRSA", ERR_LIB_SSL}, /* nothing in common */
};

static SSL_CTX *many_server;
static SSL_CTX *many_clients[COUNT_OF(plans)];
static int running;
static int at_once;
static int succeeded;
static int failed;

static bool
is_on_queue(int library)
{
	unsigned long code;
	bool is_found = false;

	while ((code = ERR_get_error()) != 0)
		is_found = is_found || ERR_GET_LIB(code) == library;
	return is_found;
}

/* The mood is the signer's at its next call, before anyone else's turn. */
static int
serve_step(const struct handshake *handshake, size_t plan)
{
	mood = plans[plan].mood;
	return handshake_step(handshake->server);
}

static void
run_one(void *argument)
{
	size_t plan = (uintptr_t)argument % COUNT_OF(plans);
	struct handshake handshake =
	    handshake_begin(many_server, many_clients[plan]);
	int server = 0;
	int client = 0;

	at_once = ++running > at_once ? running : at_once;
	while (server == 0 && client >= 0) {
		client = handshake_step(handshake.client);
		server = serve_step(&handshake, plan);
	}
	if (plans[plan].library == 0) {
		assert_int_equal(server, 1);
		assert_int_equal(ERR_peek_error(), 0);
		succeeded++;
	} else {
		assert_int_equal(server, -1);
		assert_true(is_on_queue(plans[plan].library));
		ERR_raise(ERR_LIB_USER, 98);
		failed++;
	}
	handshake_end(&handshake);
	if (--running == 0)
		loop_stop();
}

static void
keeps_interleaved_handshakes_apart(void **state UNUSED)
{
	EVP_PKEY *remote = use(EVP_RSA_gen(2048));

	many_server = handshake_context(
	    TLS_server_method(), TLS1_2_VERSION, identity.certificate, remote);
	SSL_CTX_set_cipher_list(many_server, "HIGH:!kRSA");
	for (size_t i = 0; i < COUNT_OF(plans); i++) {
		many_clients[i] = handshake_context(
		    TLS_client_method(), TLS1_2_VERSION, NULL, NULL);
		SSL_CTX_set_cipher_list(many_clients[i], plans[i].ciphers);
	}
	running = at_once = succeeded = failed = 0;
	for (uintptr_t i = 0; i < HANDSHAKES; i++)
		loop_spawn(run_one, (void *)i);
	loop_run();
	assert_int_equal(succeeded, 25);
	assert_int_equal(failed, 25);
	assert_true(at_once > HANDSHAKES / 2);
	for (size_t i = 0; i < COUNT_OF(plans); i++)
		SSL_CTX_free(many_clients[i]);
	SSL_CTX_free(many_server);
	EVP_PKEY_free(remote);
	identity_free(&identity);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(signs_for_both_sides),
	    cmocka_unit_test(has_no_private_half),
	    cmocka_unit_test(refuses_other_kinds),
	    cmocka_unit_test(keeps_interleaved_handshakes_apart),
	};

	remote_key_set_signer(sign);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
