/* SPDX-License-Identifier: MIT */
/* Handshakes between two ends in this process, for tests of keys. */
#ifndef UNIT_LIB_TLS_HANDSHAKE_H
#define UNIT_LIB_TLS_HANDSHAKE_H

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "lib/tls/library.h"

#include "identity.h"

/* As identity_make without an issuer, with a key that is taken. */
static inline struct identity
handshake_identity(EVP_PKEY *key)
{
	struct identity identity = {key, X509_new()};
	X509 *certificate = identity.certificate;
	X509_NAME *name = X509_get_subject_name(certificate);

	assert_non_null(key);
	X509_set_version(certificate, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
	X509_gmtime_adj(X509_getm_notBefore(certificate), -IDENTITY_DAY);
	X509_gmtime_adj(X509_getm_notAfter(certificate), IDENTITY_DAY);
	X509_set_pubkey(certificate, key);
	X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
	    (const unsigned char *)"mx.example", -1, -1, 0);
	X509_set_issuer_name(certificate, name);
	assert_true(
	    X509_sign(certificate, key,
		EVP_PKEY_is_a(key, "ED25519") ? NULL : EVP_sha256()) > 0);
	return identity;
}

/* A context of one version that has the certificate and `key`, if any. */
static inline SSL_CTX *
handshake_context(
    const SSL_METHOD *method, int version, X509 *certificate, EVP_PKEY *key)
{
	SSL_CTX *context = SSL_CTX_new_ex(library_context(), NULL, method);

	assert_non_null(context);
	SSL_CTX_set_min_proto_version(context, version);
	SSL_CTX_set_max_proto_version(context, version);
	SSL_CTX_set_dh_auto(context, 1);
	if (certificate == NULL)
		return context;
	assert_int_equal(SSL_CTX_use_certificate(context, certificate), 1);
	assert_int_equal(SSL_CTX_use_PrivateKey(context, key), 1);
	assert_int_equal(SSL_CTX_check_private_key(context), 1);
	return context;
}

struct handshake {
	SSL *server;
	SSL *client;
};

static inline struct handshake
handshake_begin(SSL_CTX *server, SSL_CTX *client)
{
	struct handshake handshake = {SSL_new(server), SSL_new(client)};
	BIO *one;
	BIO *other;

	assert_int_equal(BIO_new_bio_pair(&one, 0, &other, 0), 1);
	SSL_set_bio(handshake.server, one, one);
	SSL_set_bio(handshake.client, other, other);
	SSL_set_accept_state(handshake.server);
	SSL_set_connect_state(handshake.client);
	return handshake;
}

/* One step of an end; 1: it is done, 0: the other's turn, -1: it failed. */
static inline int
handshake_step(SSL *ssl)
{
	int result;

	ERR_clear_error();
	result = SSL_do_handshake(ssl);
	if (result == 1)
		return 1;
	return SSL_get_error(ssl, result) == SSL_ERROR_WANT_READ ? 0 : -1;
}

/* Both ends in turn; false when one of them fails, and its reasons are on
 * OpenSSL's queue. */
static inline bool
handshake_run(const struct handshake *handshake)
{
	int client = 0;
	int server = 0;

	for (int i = 0; i < 20 && (client == 0 || server == 0); i++) {
		client = handshake_step(handshake->client);
		if (client < 0)
			break;
		server = handshake_step(handshake->server);
		if (server < 0)
			break;
	}
	return client == 1 && server == 1;
}

static inline void
handshake_end(struct handshake *handshake)
{
	SSL_free(handshake->server);
	SSL_free(handshake->client);
}

#endif
