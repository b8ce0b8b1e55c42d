/* SPDX-License-Identifier: MIT */
#include "lib/tls/summary.h"

#include <openssl/evp.h>

#include "lib/base/memory.h"
#include "lib/base/text.h"

enum {
	NAME_MAXIMUM = 200, /* bytes of a name in a certificate */
	GROUP_SIZE = 64
};

void
summary_append_cipher(struct buf *out, const struct secure *secure)
{
	const SSL_CIPHER *cipher = SSL_get_current_cipher(secure->ssl);
	int all = 0;
	int used = SSL_CIPHER_get_bits(cipher, &all);

	buf_printf(out, "%s with cipher %s (%d/%d bits)",
	    SSL_get_version(secure->ssl), SSL_CIPHER_get_name(cipher), used,
	    all);
}

/* DHE has no named group in TLS 1.2. */
static void
append_dhe(struct buf *out, const struct secure *secure)
{
	EVP_PKEY *key = NULL;

	if (SSL_get_peer_tmp_key(secure->ssl, &key) != 1 &&
	    SSL_get_tmp_key(secure->ssl, &key) != 1)
		return;
	if (EVP_PKEY_is_a(key, "DH"))
		buf_printf(
		    out, "key-exchange DHE (%d bits)", EVP_PKEY_get_bits(key));
	EVP_PKEY_free(key);
}

void
summary_append_exchange(struct buf *out, const struct secure *secure)
{
	int group = (int)SSL_get_negotiated_group(secure->ssl);
	const char *name =
	    group == 0 ? NULL : SSL_group_to_name(secure->ssl, group);

	if (name != NULL)
		buf_printf(out, "key-exchange %s", name);
	else
		append_dhe(out, secure);
}

static const struct {
	int kind;
	const char *name;
} signatures[] = {
    {EVP_PKEY_RSA, "RSA"},
    {EVP_PKEY_RSA_PSS, "RSA-PSS"},
    {EVP_PKEY_EC, "ECDSA"},
    {EVP_PKEY_ED25519, "Ed25519"},
    {EVP_PKEY_ED448, "Ed448"},
};

static const char *
signature_name(int kind)
{
	for (size_t i = 0; i < COUNT_OF(signatures); i++)
		if (signatures[i].kind == kind)
			return signatures[i].name;
	return OBJ_nid2sn(kind);
}

static void
append_signature(
    struct buf *out, const char *who, int kind, int digest, X509 *certificate)
{
	EVP_PKEY *key =
	    certificate == NULL ? NULL : X509_get0_pubkey(certificate);
	char group[GROUP_SIZE];
	size_t len;

	buf_printf(out, "%s-signature %s", who, signature_name(kind));
	if (key != NULL && EVP_PKEY_is_a(key, "EC") &&
	    EVP_PKEY_get_group_name(key, group, sizeof group, &len) == 1)
		buf_printf(out, " (%s)", group);
	else if (key != NULL && EVP_PKEY_is_a(key, "RSA"))
		buf_printf(out, " (%d bits)", EVP_PKEY_get_bits(key));
	if (digest != NID_undef)
		buf_printf(out, " %s-digest %s", who, OBJ_nid2sn(digest));
}

static void
append_own(struct buf *out, const char *who, const struct secure *secure)
{
	int kind = NID_undef;
	int digest = NID_undef;

	if (secure->is_resumed ||
	    SSL_get_signature_type_nid(secure->ssl, &kind) != 1)
		return;
	(void)SSL_get_signature_nid(secure->ssl, &digest);
	append_signature(
	    out, who, kind, digest, SSL_get_certificate(secure->ssl));
}

static void
append_peers(struct buf *out, const char *who, const struct secure *secure)
{
	int kind = NID_undef;
	int digest = NID_undef;

	if (secure->is_resumed || secure_peer(secure) == NULL ||
	    SSL_get_peer_signature_type_nid(secure->ssl, &kind) != 1)
		return;
	(void)SSL_get_peer_signature_nid(secure->ssl, &digest);
	append_signature(out, who, kind, digest, secure_peer(secure));
}

void
summary_append_server(struct buf *out, const struct secure *secure)
{
	if (SSL_is_server(secure->ssl))
		append_own(out, "server", secure);
	else
		append_peers(out, "server", secure);
}

void
summary_append_client(struct buf *out, const struct secure *secure)
{
	if (SSL_is_server(secure->ssl))
		append_peers(out, "client", secure);
	else
		append_own(out, "client", secure);
}

static void
append_after_blank(struct buf *out, const struct secure *secure,
    void (*append)(struct buf *out, const struct secure *secure))
{
	size_t before;

	buf_append_byte(out, ' ');
	before = out->len;
	append(out, secure);
	if (out->len == before)
		buf_shorten(out, 1);
}

void
summary_append(struct buf *out, const struct secure *secure)
{
	summary_append_cipher(out, secure);
	append_after_blank(out, secure, summary_append_exchange);
	append_after_blank(out, secure, summary_append_server);
	append_after_blank(out, secure, summary_append_client);
}

const char *
summary_trust(const struct secure *secure)
{
	static const char *const words[] = {
	    [SECURE_ANONYMOUS] = "Anonymous",
	    [SECURE_UNTRUSTED] = "Untrusted",
	    [SECURE_TRUSTED] = "Trusted",
	    [SECURE_VERIFIED] = "Verified",
	};

	return words[secure->trust];
}

static char *
printable_entry(X509_NAME *name, int kind)
{
	int at = X509_NAME_get_index_by_NID(name, kind, -1);
	unsigned char *text = NULL;
	char *copy = NULL;
	struct buf clean;
	int len;

	if (at < 0)
		return NULL;
	len = ASN1_STRING_to_UTF8(
	    &text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)));
	if (len <= 0)
		return NULL;
	buf_init(&clean, NAME_MAXIMUM);
	if (text_append_printable(&clean, span_of(text, (size_t)len)))
		copy = memory_copy(buf_span(&clean));
	buf_finish(&clean);
	OPENSSL_free(text);
	return copy;
}

static char *
name_of(X509_NAME *name)
{
	char *common = printable_entry(name, NID_commonName);

	return common != NULL ? common
			      : printable_entry(name, NID_organizationName);
}

char *
summary_subject(const struct secure *secure)
{
	X509 *peer = secure_peer(secure);

	return peer == NULL ? NULL : name_of(X509_get_subject_name(peer));
}

char *
summary_issuer(const struct secure *secure)
{
	X509 *peer = secure_peer(secure);

	return peer == NULL ? NULL : name_of(X509_get_issuer_name(peer));
}
