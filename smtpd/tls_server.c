/* SPDX-License-Identifier: MIT */
#include "smtpd/tls_server.h"

#include "lib/daemon/service.h"
#include "lib/log/log.h"
#include "lib/tls/context.h"
#include "lib/tls/fingerprint.h"
#include "lib/tls/key.h"
#include "lib/tls/keyd.h"
#include "lib/tls/protocols.h"
#include "lib/tls/settings.h"

#include "smtpd/sni.h"

enum {
	SCOPE_MAXIMUM = 4096
};

static struct tls_server the_server;

static const struct {
	const char *name;
	enum tls_server_level level;
} levels[] = {
    {"none", TLS_SERVER_NONE},
    {"may", TLS_SERVER_MAY},
    {"encrypt", TLS_SERVER_ENCRYPT},
    {"dane", TLS_SERVER_ENCRYPT},
    {"dane-only", TLS_SERVER_ENCRYPT},
    {"fingerprint", TLS_SERVER_ENCRYPT},
    {"verify", TLS_SERVER_ENCRYPT},
    {"secure", TLS_SERVER_ENCRYPT},
};

bool
tls_server_parse_level(const struct smtpd_params *params,
    enum tls_server_level *level, struct error *error)
{
	struct span word =
	    span_trim(span_text(params->smtpd_tls_security_level));

	*level = TLS_SERVER_NONE;
	if (word.len == 0) {
		if (params->smtpd_use_tls)
			*level = TLS_SERVER_MAY;
		if (params->smtpd_enforce_tls)
			*level = TLS_SERVER_ENCRYPT;
		return true;
	}
	for (size_t i = 0; i < COUNT_OF(levels); i++)
		if (span_equal_fold(word, span_text(levels[i].name))) {
			*level = levels[i].level;
			return true;
		}
	return error_set(error, ERROR_INVALID,
	    "smtpd_tls_security_level = %.*s: expected none, may or encrypt",
	    SPAN_ARGS(word));
}

/* TLS from the first byte on is TLS that must be used. */
static bool
decide(const struct smtpd_params *params, struct error *error)
{
	if (!tls_server_parse_level(params, &the_server.level, error))
		return false;
	the_server.wraps = params->smtpd_tls_wrappermode;
	if (the_server.wraps)
		the_server.level = TLS_SERVER_ENCRYPT;
	the_server.requires = params->smtpd_tls_req_ccert &&
	    the_server.level == TLS_SERVER_ENCRYPT;
	the_server.asks =
	    params->smtpd_tls_ask_ccert || params->smtpd_tls_req_ccert;
	return true;
}

static bool
load_chains(const struct smtpd_params *params, struct chain_list *chains,
    struct error *error)
{
	const struct settings_files files = {
	    .chain_files = params->smtpd_tls_chain_files,
	    .pairs = {{params->smtpd_tls_cert_file, params->smtpd_tls_key_file},
		{params->smtpd_tls_eccert_file, params->smtpd_tls_eckey_file}},
	};

	return settings_load_chains(&files, chains, error);
}

/* Service, certificates and what is asked of clients. */
static void
write_scope(const struct chain_list *chains, struct buf *scope)
{
	EVP_MD *digest = fingerprint_digest("sha256", NULL);
	char text[FINGERPRINT_SIZE];

	must(digest != NULL);
	buf_printf(scope, "%s %d %d %d", service_name(), (int)the_server.level,
	    the_server.asks, the_server.requires);
	for (size_t i = 0; i < chains->count; i++) {
		fingerprint_certificate(
		    chains->chains[i].certificate, digest, text);
		buf_printf(scope, " %s", text);
	}
	EVP_MD_free(digest);
}

/* What depends on whether TLS must be used. */
static bool
choose_ciphers(const struct smtpd_params *params,
    const struct tls_params *common, struct context_settings *settings,
    struct error *error)
{
	bool must_use = the_server.level == TLS_SERVER_ENCRYPT;
	const char *const exclusions[] = {
	    params->smtpd_tls_exclude_ciphers,
	    must_use ? params->smtpd_tls_mandatory_exclude_ciphers : "",
	    the_server.asks ? "aNULL" : "",
	    NULL,
	};

	settings->ciphers = settings_ciphers(service_pool(), common,
	    span_text(must_use ? params->smtpd_tls_mandatory_ciphers
			       : params->smtpd_tls_ciphers),
	    exclusions, error);
	return settings->ciphers != NULL &&
	    protocols_parse(
		span_text(must_use ? params->smtpd_tls_mandatory_protocols
				   : params->smtpd_tls_protocols),
		&settings->protocols, error);
}

static bool
create_context(const struct smtpd_params *params,
    const struct chain_list *chains, struct error *error)
{
	static const struct context_names by_name = {sni_find};
	struct tls_params common;
	struct context_settings settings = {
	    .trust = {params->smtpd_tls_CAfile, params->smtpd_tls_CApath},
	    .depth = (int)params->smtpd_tls_ccert_verifydepth,
	    .asks_certificate = the_server.asks,
	};
	struct buf scope;

	if (!param_load(&tls_param_set, service_param_source(), &common,
		service_pool(), error) ||
	    !choose_ciphers(params, &common, &settings, error))
		return false;
	settings.groups = settings_groups(service_pool(), &common);
	settings.trust.has_defaults = common.tls_append_default_CA;
	settings.prefers_own_ciphers = common.tls_preempt_cipherlist;
	buf_init(&scope, SCOPE_MAXIMUM);
	write_scope(chains, &scope);
	settings.scope = buf_span(&scope);
	the_server.context = context_create_server(&settings, chains, error);
	buf_finish(&scope);
	if (the_server.context == NULL)
		return false;
	SSL_CTX_set_timeout(
	    the_server.context, (long)params->smtpd_tls_session_cache_timeout);
	if (the_server.asks)
		SSL_CTX_set_verify(the_server.context, SSL_VERIFY_PEER, NULL);
	if (sni_is_used())
		context_on_name(the_server.context, &by_name);
	return true;
}

/* Where it may be done without, there is just none. */
static bool
has_certificates(const struct chain_list *chains, struct error *error)
{
	if (chains->count > 0)
		return true;
	if (the_server.level == TLS_SERVER_ENCRYPT)
		return error_set(error, ERROR_INVALID,
		    "TLS must be used, but there is no certificate: expected "
		    "smtpd_tls_chain_files or smtpd_tls_cert_file");
	log_warning(NULL,
	    "no server certificate: STARTTLS is not offered; "
	    "set smtpd_tls_chain_files or smtpd_tls_cert_file");
	return false;
}

bool
tls_server_open(const struct smtpd_params *params, struct error *error)
{
	struct chain_list chains = {0};
	struct error missing = {.kind = ERROR_NONE};
	bool opened;

	if (!decide(params, error))
		return false;
	if (the_server.level == TLS_SERVER_NONE)
		return true;
	if (!service_is_check())
		key_keep_at_keyd(service_tell_key_file);
	if (!load_chains(params, &chains, error) ||
	    !sni_open(params->tls_server_sni_maps, error))
		opened = false;
	else if (has_certificates(&chains, &missing))
		opened = create_context(params, &chains, error);
	else
		opened = missing.kind == ERROR_NONE ||
		    error_set(error, missing.kind, "%s", missing.text);
	chain_list_finish(&chains);
	return opened;
}

void
tls_server_begin(void)
{
	if (the_server.context != NULL)
		keyd_follow_tickets();
}

const struct tls_server *
tls_server(void)
{
	return &the_server;
}
