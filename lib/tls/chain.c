/* SPDX-License-Identifier: MIT */
#include "lib/tls/chain.h"

#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include "lib/base/io.h"
#include "lib/tls/key.h"
#include "lib/tls/library.h"
#include "lib/tls/pem.h"

enum {
	FILE_MAXIMUM = 1 << 20,
	PATH_MAXIMUM = 1024,
	SIGNERS_MAXIMUM = 20 /* of one certificate */
};

/* A list while files are read into it. */
struct reading {
	struct chain_list *list;
	struct chain *chain; /* the one that signers belong to, or NULL */
	char key_file[PATH_MAXIMUM]; /* of the chain to come, or empty */
	const char *file;            /* the one at hand */
};

static bool
refuse(const struct reading *reading, struct error *error, const char *words)
{
	return error_set(error, ERROR_INVALID, "%s: %s", reading->file, words);
}

static X509 *
decode(const struct pem_block *block)
{
	BIO *bio = BIO_new_mem_buf(block->text.at, (int)block->text.len);
	X509 *certificate = X509_new_ex(library_context(), NULL);

	must(bio != NULL && certificate != NULL);
	if (PEM_read_bio_X509_AUX(bio, &certificate, NULL, NULL) == NULL) {
		X509_free(certificate);
		certificate = NULL;
	}
	BIO_free(bio);
	return certificate;
}

static bool
begin_chain(struct reading *reading, X509 *certificate, struct error *error)
{
	struct chain_list *list = reading->list;
	struct chain *chain = &list->chains[list->count];

	if (list->count == CHAIN_LIST_MAXIMUM) {
		X509_free(certificate);
		return refuse(reading, error, "too many certificates");
	}
	*chain = (struct chain){
	    .certificate = certificate, .signers = sk_X509_new_null()};
	must(chain->signers != NULL);
	list->count++;
	chain->key = key_open(certificate, reading->key_file, error);
	reading->chain = chain;
	reading->key_file[0] = '\0';
	return chain->key != NULL;
}

static bool
take_certificate(
    struct reading *reading, const struct pem_block *block, struct error *error)
{
	X509 *certificate = decode(block);

	if (certificate == NULL)
		return library_failure(
		    error, "%s: unreadable certificate", reading->file);
	if (reading->key_file[0] != '\0')
		return begin_chain(reading, certificate, error);
	if (reading->chain == NULL ||
	    sk_X509_num(reading->chain->signers) == SIGNERS_MAXIMUM) {
		X509_free(certificate);
		return refuse(reading, error,
		    reading->chain == NULL
			? "a certificate without a private key before it"
			: "too many certificates of signers");
	}
	must(sk_X509_push(reading->chain->signers, certificate) > 0);
	return true;
}

static bool
take_key(struct reading *reading, const char *file, struct error *error)
{
	if (reading->key_file[0] != '\0')
		return refuse(reading, error,
		    "a private key without a certificate behind it");
	snprintf(reading->key_file, sizeof reading->key_file, "%s", file);
	return true;
}

/* Keys count only if `with_keys`; they are not decoded here. */
static bool
take_text(struct reading *reading, struct span text, bool with_keys,
    struct error *error)
{
	struct pem_block block;
	enum pem_step step;

	while ((step = pem_next(&text, &block)) == PEM_STEP_BLOCK) {
		if (pem_is_certificate(&block) &&
		    !take_certificate(reading, &block, error))
			return false;
		if (with_keys && pem_is_key(&block) &&
		    !take_key(reading, reading->file, error))
			return false;
	}
	return step == PEM_STEP_END ||
	    refuse(reading, error, "a PEM block has no end");
}

static bool
take_file(struct reading *reading, const char *file, bool with_keys,
    struct error *error)
{
	struct buf text;
	bool taken;

	reading->file = file;
	buf_init(&text, FILE_MAXIMUM);
	must(buf_reserve(&text, FILE_MAXIMUM) != NULL);
	ERR_clear_error();
	taken = io_read_file(AT_FDCWD, file, &text, error) &&
	    take_text(reading, buf_span(&text), with_keys, error);
	OPENSSL_cleanse(text.at, text.size);
	buf_finish(&text);
	return taken;
}

bool
chain_list_add_files(
    struct chain_list *list, struct span files, struct error *error)
{
	struct reading reading = {.list = list};
	char path[PATH_MAXIMUM];
	struct span word;

	while (span_take_word(&files, " \t\r\n,", &word)) {
		snprintf(path, sizeof path, "%.*s", SPAN_ARGS(word));
		if (!take_file(&reading, path, true, error))
			return false;
	}
	if (reading.key_file[0] != '\0')
		return error_set(error, ERROR_INVALID,
		    "%s: a private key without a certificate behind it",
		    reading.key_file);
	return true;
}

bool
chain_list_add_pair(struct chain_list *list, const char *file,
    const char *key_file, struct error *error)
{
	struct reading reading = {.list = list};

	snprintf(reading.key_file, sizeof reading.key_file, "%s", key_file);
	if (!take_file(&reading, file, false, error))
		return false;
	return reading.chain != NULL ||
	    refuse(&reading, error, "expected a certificate in PEM");
}

void
chain_list_finish(struct chain_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		X509_free(list->chains[i].certificate);
		EVP_PKEY_free(list->chains[i].key);
		sk_X509_pop_free(list->chains[i].signers, X509_free);
	}
	list->count = 0;
}

bool
chain_list_use(
    const struct chain_list *list, SSL_CTX *context, struct error *error)
{
	ERR_clear_error();
	for (size_t i = 0; i < list->count; i++) {
		const struct chain *chain = &list->chains[i];

		if (SSL_CTX_use_cert_and_key(context, chain->certificate,
			chain->key, chain->signers, 1) != 1)
			return library_failure(
			    error, "unusable certificate or private key");
	}
	return true;
}

bool
chain_list_use_once(const struct chain_list *list, SSL *ssl)
{
	SSL_certs_clear(ssl);
	for (size_t i = 0; i < list->count; i++) {
		const struct chain *chain = &list->chains[i];

		if (SSL_use_cert_and_key(ssl, chain->certificate, chain->key,
			chain->signers, 1) != 1)
			return false;
	}
	return true;
}
