/* SPDX-License-Identifier: MIT */
#include "lib/tls/context.h"

#include <openssl/err.h>
#include <openssl/evp.h>

#include "lib/base/buf.h"
#include "lib/tls/library.h"
#include "lib/tls/protocols.h"
#include "lib/tls/server_name.h"
#include "lib/tls/ticket.h"

enum {
	CIPHERS_MAXIMUM = 2048,
	GROUPS_MAXIMUM = 1024
};

static const int versions[PROTOCOL_COUNT] = {
    TLS1_VERSION, TLS1_1_VERSION, TLS1_2_VERSION, TLS1_3_VERSION};

static const uint64_t refusals[PROTOCOL_COUNT] = {
    SSL_OP_NO_TLSv1, SSL_OP_NO_TLSv1_1, SSL_OP_NO_TLSv1_2, SSL_OP_NO_TLSv1_3};

static uint64_t
refusals_of(unsigned protocols)
{
	uint64_t options = 0;

	for (unsigned i = 0; i < PROTOCOL_COUNT; i++)
		if ((protocols & 1U << i) == 0)
			options |= refusals[i];
	return options;
}

static bool
set_groups(SSL_CTX *context, const char *groups, struct error *error)
{
	struct span rest = span_text(groups);
	struct span word;
	struct buf list;
	bool fine;

	buf_init(&list, GROUPS_MAXIMUM);
	while (span_take_word(&rest, " \t\r\n,:", &word))
		buf_printf(
		    &list, "%s%.*s", list.len > 0 ? ":" : "", SPAN_ARGS(word));
	fine = list.len == 0 ||
	    SSL_CTX_set1_groups_list(context, buf_text(&list)) == 1 ||
	    library_failure(error, "unknown group in \"%s\"", buf_text(&list));
	buf_finish(&list);
	return fine;
}

static bool
configure(SSL_CTX *context, const struct context_settings *settings,
    const struct chain_list *chains, struct error *error)
{
	enum protocol oldest = protocols_oldest(settings->protocols);
	enum protocol newest = protocols_newest(settings->protocols);

	SSL_CTX_set_options(context,
	    SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
		SSL_OP_IGNORE_UNEXPECTED_EOF |
		refusals_of(settings->protocols));
	SSL_CTX_set_mode(context,
	    SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
		SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	SSL_CTX_set_verify_depth(context, settings->depth);
	if (SSL_CTX_set_min_proto_version(context, versions[oldest]) != 1 ||
	    SSL_CTX_set_max_proto_version(context, versions[newest]) != 1)
		return library_failure(error, "unusable versions of TLS");
	if (SSL_CTX_set_cipher_list(context, settings->ciphers) != 1)
		return library_failure(
		    error, "no cipher in \"%s\"", settings->ciphers);
	return set_groups(context, settings->groups, error) &&
	    trust_load(context, &settings->trust, error) &&
	    chain_list_use(chains, context, error);
}

static SSL_CTX *
create(const SSL_METHOD *method, const struct context_settings *settings,
    const struct chain_list *chains, struct error *error)
{
	SSL_CTX *context = SSL_CTX_new_ex(library_context(), NULL, method);

	must(context != NULL);
	ERR_clear_error();
	if (configure(context, settings, chains, error))
		return context;
	SSL_CTX_free(context);
	return NULL;
}

/* A client that speaks other protocols only wants no mail server (RFC 7301
 * 3.2). */
static int
choose_protocol(SSL *ssl UNUSED, const unsigned char **chosen,
    unsigned char *len, const unsigned char *offered, unsigned count,
    void *owner UNUSED)
{
	struct span smtp;

	if (!server_name_offers_smtp(span_of(offered, count), &smtp))
		return SSL_TLSEXT_ERR_ALERT_FATAL;
	*chosen = (const unsigned char *)smtp.at;
	*len = (unsigned char)smtp.len;
	return SSL_TLSEXT_ERR_OK;
}

static void
set_scope(SSL_CTX *context, struct span scope)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	size_t len;

	must(EVP_Q_digest(library_context(), "SHA256", NULL, scope.at,
		 scope.len, digest, &len) == 1);
	must(SSL_CTX_set_session_id_context(context, digest, (unsigned)len) ==
	    1);
}

/* Clients with many certificates choose by the names of the authorities. */
static bool
name_authorities(SSL_CTX *context, const char *file, struct error *error)
{
	STACK_OF(X509_NAME) * names;

	if (file[0] == '\0')
		return true;
	names = SSL_load_client_CA_file_ex(file, library_context(), NULL);
	if (names == NULL)
		return library_failure(error, "%s", file);
	SSL_CTX_set_client_CA_list(context, names);
	return true;
}

/* Whose key signs, and decrypts nothing. */
static bool
refuse_rsa_exchange(SSL_CTX *context, const char *ciphers, struct error *error)
{
	char list[CIPHERS_MAXIMUM];

	if ((size_t)snprintf(list, sizeof list, "%s:!kRSA", ciphers) >=
	    sizeof list)
		return error_set(error, ERROR_LIMIT, "too many ciphers");
	return SSL_CTX_set_cipher_list(context, list) == 1 ||
	    library_failure(error, "no cipher in \"%s\"", list);
}

SSL_CTX *
context_create_server(const struct context_settings *settings,
    const struct chain_list *chains, struct error *error)
{
	SSL_CTX *context = create(TLS_server_method(), settings, chains, error);

	if (context == NULL)
		return NULL;
	if (!refuse_rsa_exchange(context, settings->ciphers, error)) {
		SSL_CTX_free(context);
		return NULL;
	}
	if (settings->prefers_own_ciphers)
		SSL_CTX_set_options(context, SSL_OP_CIPHER_SERVER_PREFERENCE);
	SSL_CTX_set_dh_auto(context, 1);
	SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_num_tickets(context, 1);
	SSL_CTX_set_alpn_select_cb(context, choose_protocol, NULL);
	set_scope(context, settings->scope);
	ticket_attach(context);
	if (settings->asks_certificate &&
	    !name_authorities(context, settings->trust.file, error)) {
		SSL_CTX_free(context);
		return NULL;
	}
	return context;
}

SSL_CTX *
context_create_client(const struct context_settings *settings,
    const struct chain_list *chains, struct error *error)
{
	SSL_CTX *context = create(TLS_client_method(), settings, chains, error);

	if (context != NULL)
		SSL_CTX_set_session_cache_mode(context,
		    SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
	return context;
}

bool
context_limit(SSL *ssl, unsigned protocols, const char *ciphers)
{
	SSL_clear_options(ssl, refusals_of(0));
	SSL_set_options(ssl, refusals_of(protocols));
	return SSL_set_min_proto_version(
		   ssl, versions[protocols_oldest(protocols)]) == 1 &&
	    SSL_set_max_proto_version(
		ssl, versions[protocols_newest(protocols)]) == 1 &&
	    SSL_set_cipher_list(ssl, ciphers) == 1;
}

static int
take_name(SSL *ssl, int *alert UNUSED, void *argument)
{
	const struct context_names *names = argument;
	const char *asked = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
	const struct chain_list *chains;
	char text[SERVER_NAME_SIZE];
	struct span name;

	if (asked == NULL || !server_name_parse(span_text(asked), text, &name))
		return SSL_TLSEXT_ERR_NOACK;
	chains = names->find(name);
	if (chains == NULL)
		return SSL_TLSEXT_ERR_NOACK;
	return chain_list_use_once(chains, ssl) ? SSL_TLSEXT_ERR_OK
						: SSL_TLSEXT_ERR_ALERT_FATAL;
}

void
context_on_name(SSL_CTX *context, const struct context_names *names)
{
	SSL_CTX_set_tlsext_servername_callback(context, take_name);
	SSL_CTX_set_tlsext_servername_arg(context, (void *)(uintptr_t)names);
}
