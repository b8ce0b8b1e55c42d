/* SPDX-License-Identifier: MIT */
/* Keys and certificates for tests, made anew each time. */
#ifndef UNIT_LIB_TLS_IDENTITY_H
#define UNIT_LIB_TLS_IDENTITY_H

#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include "lib/base/base.h"

#include "../../unit.h"

enum {
	IDENTITY_DAY = 86400
};

struct identity {
	EVP_PKEY *key;
	X509 *certificate;
};

static inline void
identity_extend(X509 *certificate, X509 *issuer, int kind, const char *value)
{
	X509V3_CTX context;
	X509_EXTENSION *extension;

	X509V3_set_ctx(&context, issuer, certificate, NULL, NULL, 0);
	extension = X509V3_EXT_conf_nid(NULL, &context, kind, value);
	assert_non_null(extension);
	assert_int_equal(X509_add_ext(certificate, extension, -1), 1);
	X509_EXTENSION_free(extension);
}

/* `names` as in a configuration file: "DNS:a.example,DNS:b.example", NULL for
 * an authority. Signed by `issuer`, or by itself when NULL. Valid until `days`
 * from now. */
static inline struct identity
identity_make(const char *common_name, const char *names,
    const struct identity *issuer, int days)
{
	struct identity identity = {EVP_EC_gen("P-256"), X509_new()};
	X509 *certificate = identity.certificate;
	X509 *signer = issuer == NULL ? certificate : issuer->certificate;
	X509_NAME *name = X509_get_subject_name(certificate);

	assert_non_null(identity.key);
	X509_set_version(certificate, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(certificate),
	    (long)(intptr_t)certificate & 0xffffff);
	X509_gmtime_adj(X509_getm_notBefore(certificate), -2L * IDENTITY_DAY);
	X509_gmtime_adj(
	    X509_getm_notAfter(certificate), (long)days * IDENTITY_DAY);
	X509_set_pubkey(certificate, identity.key);
	X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
	    (const unsigned char *)common_name, -1, -1, 0);
	X509_set_issuer_name(certificate, X509_get_subject_name(signer));
	if (names != NULL)
		identity_extend(
		    certificate, signer, NID_subject_alt_name, names);
	else
		identity_extend(certificate, signer, NID_basic_constraints,
		    "critical,CA:TRUE");
	assert_true(
	    X509_sign(certificate, issuer == NULL ? identity.key : issuer->key,
		EVP_sha256()) > 0);
	return identity;
}

static inline void
identity_free(struct identity *identity)
{
	EVP_PKEY_free(identity->key);
	X509_free(identity->certificate);
}

static inline FILE *
identity_open_file(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	return fdopen(fd, "a");
}

/* Append to the file. */
static inline void
identity_write_key(const struct identity *identity, const char *path)
{
	FILE *file = identity_open_file(path);

	assert_int_equal(PEM_write_PrivateKey(
			     file, identity->key, NULL, NULL, 0, NULL, NULL),
	    1);
	fclose(file);
}

static inline void
identity_write_certificate(const struct identity *identity, const char *path)
{
	FILE *file = identity_open_file(path);

	assert_int_equal(PEM_write_X509(file, identity->certificate), 1);
	fclose(file);
}

#endif
