/* SPDX-License-Identifier: MIT */
#include "smtp/tls_client.h"

#include "lib/daemon/lookup_client.h"
#include "lib/daemon/service.h"
#include "lib/log/log.h"
#include "lib/mail/domain.h"
#include "lib/net/idna.h"
#include "lib/tls/context.h"
#include "lib/tls/fingerprint.h"
#include "lib/tls/key.h"
#include "lib/tls/protocols.h"
#include "lib/tls/server_name.h"
#include "lib/tls/settings.h"

enum {
	WANTED_MAXIMUM = 100,
	KEY_MAXIMUM = 32768
};

static const struct outcome_place nowhere = {0};

static struct {
	SSL_CTX *context;
	EVP_MD *digest;
	struct tls_params common;
	enum tls_level level; /* of the site */
	const struct client_params *params;
	char maps[32]; /* the name of the parameter with the tables */
	bool has_maps;
} state;

SSL_CTX *
tls_client_context(void)
{
	return state.context;
}

bool
tls_client_joins_wildcards(void)
{
	return state.common.tls_wildcard_matches_multiple_labels;
}

bool
tls_client_has_fingerprint(
    const struct secure *secure, const struct tls_goal *goal)
{
	X509 *peer = secure_peer(secure);
	char whole[FINGERPRINT_SIZE];
	char key[FINGERPRINT_SIZE];

	if (peer == NULL)
		return false;
	fingerprint_certificate(peer, state.digest, whole);
	fingerprint_key(peer, state.digest, key);
	for (size_t i = 0; goal->wanted[i] != NULL; i++)
		if (fingerprint_equal(whole, span_text(goal->wanted[i])) ||
		    fingerprint_equal(key, span_text(goal->wanted[i])))
			return true;
	return false;
}

/* ---- the site's policy ---- */

/* Without TLSA records that DNSSEC vouches for, dane means may (RFC 7672 2.2),
 * and there are none: nobody asks for them. */
static bool
settle_level(enum tls_level *level, struct error *error)
{
	if (*level == TLS_LEVEL_DANE_ONLY)
		return error_set(error, ERROR_INVALID,
		    "dane-only: this version does not look up TLSA records");
	if (*level == TLS_LEVEL_DANE)
		*level = TLS_LEVEL_MAY;
	return true;
}

/* The older parameters count when there is no level. */
static enum tls_level
older_level(const struct client_params *params)
{
	if (params->enforce_tls)
		return params->tls_enforce_peername ? TLS_LEVEL_VERIFY
						    : TLS_LEVEL_ENCRYPT;
	return params->use_tls ? TLS_LEVEL_MAY : TLS_LEVEL_NONE;
}

static bool
read_level(const char *prefix, struct error *error)
{
	struct span word =
	    span_trim(span_text(state.params->tls_security_level));

	if (word.len == 0) {
		state.level = older_level(state.params);
		return true;
	}
	if (!tls_level_parse(word, &state.level, error))
		return error_prefix(error, "%s_tls_security_level", prefix);
	if (state.level == TLS_LEVEL_DANE)
		log_warning(NULL,
		    "%s_tls_security_level = dane: this version does not look "
		    "up TLSA records, which makes it may",
		    prefix);
	return settle_level(&state.level, error) ||
	    error_prefix(error, "%s_tls_security_level", prefix);
}

/* lookup has the tables of main.cf. Those of one service alone it does not
 * know, and their policies must not be missed. */
static bool
check_maps(const char *prefix, struct error *error)
{
	const struct common_params *common = service_common();
	const struct config_entry *entry;

	snprintf(state.maps, sizeof state.maps, "%s_tls_policy_maps", prefix);
	state.has_maps = (strcmp(prefix, "lmtp") == 0
				 ? common->lmtp_tls_policy_maps
				 : common->smtp_tls_policy_maps)[0] != '\0';
	entry = config_find(service_config(), span_text(state.maps));
	if (entry == NULL ||
	    !span_starts(span_text(entry->where), SPAN("master.cf")))
		return true;
	return error_set(error, ERROR_INVALID,
	    "%s: %s can be set in main.cf only", entry->where, state.maps);
}

/* ---- goals ---- */

static bool
is_mandatory(enum tls_level level)
{
	return level >= TLS_LEVEL_ENCRYPT;
}

static const char *
usual_match(enum tls_level level)
{
	switch (level) {
	case TLS_LEVEL_FINGERPRINT:
		return state.params->tls_fingerprint_cert_match;
	case TLS_LEVEL_VERIFY:
		return state.params->tls_verify_cert_match;
	case TLS_LEVEL_SECURE:
		return state.params->tls_secure_cert_match;
	case TLS_LEVEL_NONE:
	case TLS_LEVEL_MAY:
	case TLS_LEVEL_DANE:
	case TLS_LEVEL_ENCRYPT:
	case TLS_LEVEL_DANE_ONLY:
		break;
	}
	return "";
}

/* The next hop as a certificate has it. */
static const char *
certificate_name(struct pool *pool, const struct next_hop *next_hop)
{
	char ascii[IDNA_NAME_SIZE];

	if (!idna_to_ascii(next_hop->host, ascii, NULL))
		return pool_copy(pool, next_hop->host);
	return pool_copy(pool, span_text(ascii));
}

static const char *
resolve(struct pool *pool, struct span word, enum tls_level level,
    const struct next_hop *next_hop)
{
	if (level != TLS_LEVEL_FINGERPRINT &&
	    span_equal_fold(word, SPAN("nexthop")))
		return certificate_name(pool, next_hop);
	if (level != TLS_LEVEL_FINGERPRINT &&
	    span_equal_fold(word, SPAN("dot-nexthop")))
		return pool_printf(
		    pool, ".%s", certificate_name(pool, next_hop));
	return pool_copy(pool, word);
}

static bool
add_wanted(struct pool *pool, const struct next_hop *next_hop,
    enum tls_level level, struct span list, const char **wanted, size_t *count)
{
	struct span word;

	while (tls_policy_take_match(&list, level, &word)) {
		if (*count == WANTED_MAXIMUM)
			return false;
		wanted[*count] = resolve(pool, word, level, next_hop);
		if (wanted[*count] == NULL)
			return false;
		(*count)++;
	}
	return true;
}

static bool
find_wanted(struct pool *pool, const struct tls_policy *policy,
    const struct next_hop *next_hop, struct tls_goal *goal, struct error *error)
{
	const char **wanted =
	    pool_alloc(pool, (WANTED_MAXIMUM + 1) * sizeof *wanted);
	size_t count = 0;
	bool fits = wanted != NULL;

	for (size_t i = 0; fits && i < policy->match_count; i++)
		fits = add_wanted(pool, next_hop, goal->level,
		    policy->matches[i], wanted, &count);
	if (fits && policy->match_count == 0)
		fits = add_wanted(pool, next_hop, goal->level,
		    span_text(usual_match(goal->level)), wanted, &count);
	goal->wanted = wanted;
	if (!fits)
		return error_set(error, ERROR_LIMIT, "too many names");
	return count > 0 || goal->level < TLS_LEVEL_FINGERPRINT ||
	    error_set(error, ERROR_INVALID,
		"nothing to compare a certificate with at the level %s",
		tls_level_name(goal->level));
}

static bool
find_ciphers(struct pool *pool, const struct tls_policy *policy,
    struct tls_goal *goal, struct error *error)
{
	const struct client_params *params = state.params;
	bool strict = is_mandatory(goal->level);
	const char *protocols =
	    strict ? params->tls_mandatory_protocols : params->tls_protocols;
	const char *grade =
	    strict ? params->tls_mandatory_ciphers : params->tls_ciphers;
	const char *const exclusions[] = {
	    params->tls_exclude_ciphers,
	    strict ? params->tls_mandatory_exclude_ciphers : "",
	    goal->level >= TLS_LEVEL_FINGERPRINT ? "aNULL" : "",
	    pool_copy(pool, policy->exclude),
	    NULL,
	};

	goal->ciphers = settings_ciphers(pool, &state.common,
	    policy->ciphers.len > 0 ? policy->ciphers : span_text(grade),
	    exclusions, error);
	return goal->ciphers != NULL &&
	    protocols_parse(policy->protocols.len > 0 ? policy->protocols
						      : span_text(protocols),
		&goal->protocols, error);
}

static bool
find_server_name(struct pool *pool, const struct tls_policy *policy,
    const struct next_hop *next_hop, struct tls_goal *goal)
{
	struct span word = policy->server_name.len > 0
	    ? policy->server_name
	    : span_text(state.params->tls_servername);

	if (word.len == 0)
		return true;
	goal->server_name = resolve(pool, word, TLS_LEVEL_NONE, next_hop);
	return goal->server_name != NULL;
}

static bool
write_key(struct pool *pool, struct tls_goal *goal)
{
	struct buf key;

	buf_init(&key, KEY_MAXIMUM);
	buf_printf(&key, "%s %x %s %s", tls_level_name(goal->level),
	    goal->protocols, goal->ciphers,
	    goal->server_name == NULL ? "-" : goal->server_name);
	for (size_t i = 0; goal->wanted[i] != NULL; i++)
		buf_printf(&key, " %s", goal->wanted[i]);
	goal->key = key.overflowed ? NULL : pool_copy(pool, buf_span(&key));
	buf_finish(&key);
	return goal->key != NULL;
}

static bool
make_goal(struct pool *pool, const struct tls_policy *policy,
    const struct next_hop *next_hop, struct tls_goal *goal, struct error *error)
{
	*goal = (struct tls_goal){.level = policy->level};
	if (!settle_level(&goal->level, error) ||
	    !find_wanted(pool, policy, next_hop, goal, error) ||
	    !find_ciphers(pool, policy, goal, error))
		return false;
	return (find_server_name(pool, policy, next_hop, goal) &&
		   write_key(pool, goal)) ||
	    error_set(error, ERROR_LIMIT, "no room");
}

/* ---- tables ---- */

/* A plain domain is looked up with those above it, as ".example.com"; with
 * brackets or a port there is just one key. */
static enum lookup_result_code
look_up(struct pool *pool, const struct next_hop *next_hop, struct span *value,
    struct error *error)
{
	bool is_domain = domain_is_hostname(next_hop->text, true, NULL);
	enum lookup_result_code result;
	struct span key = next_hop->text;

	do
		result =
		    lookup_client_value(pool, state.maps, key, value, error);
	while (
	    result == LOOKUP_NOT_FOUND && is_domain && server_name_widen(&key));
	return result;
}

static const struct delivery_result *
unusable(struct pool *pool, const struct next_hop *next_hop,
    const struct error *error)
{
	log_warning(NULL, "%s: %.*s: %s", state.maps, SPAN_ARGS(next_hop->text),
	    error->text);
	return outcome_failure(
	    pool, &nowhere, "4.7.5", "client TLS configuration problem");
}

static const struct delivery_result *
use_policy(struct pool *pool, const struct next_hop *next_hop, struct span text,
    struct tls_goal *goal)
{
	struct tls_policy policy;
	struct error error;

	if (tls_policy_parse(text, &policy, &error) &&
	    make_goal(pool, &policy, next_hop, goal, &error))
		return NULL;
	return unusable(pool, next_hop, &error);
}

const struct delivery_result *
tls_client_find(
    struct pool *pool, const struct next_hop *next_hop, struct tls_goal *goal)
{
	const struct tls_policy site = {.level = state.level};
	struct span value;
	struct error error;

	if (state.has_maps)
		switch (look_up(pool, next_hop, &value, &error)) {
		case LOOKUP_FOUND:
			return use_policy(pool, next_hop, value, goal);
		case LOOKUP_NOT_FOUND:
			break;
		case LOOKUP_TRY_AGAIN:
			return unusable(pool, next_hop, &error);
		}
	if (make_goal(pool, &site, next_hop, goal, &error))
		return NULL;
	return unusable(pool, next_hop, &error);
}

/* ---- the start ---- */

static bool
load_chains(const struct client_params *params, struct chain_list *chains,
    struct error *error)
{
	const struct settings_files files = {
	    .chain_files = params->tls_chain_files,
	    .pairs = {{params->tls_cert_file, params->tls_key_file},
		{params->tls_eccert_file, params->tls_eckey_file}},
	};

	return settings_load_chains(&files, chains, error);
}

/* Of a next hop without a policy: what is wrong with the parameters shows at
 * the start. */
static bool
try_site(struct tls_goal *goal, struct error *error)
{
	const struct tls_policy site = {.level = state.level};
	const struct next_hop next_hop = {.host = SPAN("example.com")};

	return make_goal(service_pool(), &site, &next_hop, goal, error);
}

static bool
create_context(const struct client_params *params, struct error *error)
{
	struct chain_list chains = {0};
	struct tls_goal goal;
	struct context_settings settings = {
	    .trust = {params->tls_CAfile, params->tls_CApath,
		state.common.tls_append_default_CA},
	    .depth = (int)params->tls_scert_verifydepth,
	    .groups = settings_groups(service_pool(), &state.common),
	};

	if (!try_site(&goal, error) || !load_chains(params, &chains, error)) {
		chain_list_finish(&chains);
		return false;
	}
	settings.protocols = PROTOCOLS_ALL;
	settings.ciphers = goal.ciphers;
	SSL_CTX_free(state.context);
	state.context = context_create_client(&settings, &chains, error);
	chain_list_finish(&chains);
	return state.context != NULL;
}

bool
tls_client_open(
    const struct client_params *params, const char *prefix, struct error *error)
{
	state.params = params;
	EVP_MD_free(state.digest);
	/* A check looks into the files; who delivers never has a key. */
	if (!service_is_check())
		key_keep_at_keyd(service_tell_key_file);
	state.digest =
	    fingerprint_digest(params->tls_fingerprint_digest, error);
	if (state.digest == NULL)
		return error_prefix(error, "%s_tls_fingerprint_digest", prefix);
	if (!param_load(&tls_param_set, service_param_source(), &state.common,
		service_pool(), error) ||
	    !read_level(prefix, error) || !check_maps(prefix, error))
		return false;
	if (params->tls_wrappermode && !is_mandatory(state.level))
		return error_set(error, ERROR_INVALID,
		    "%s_tls_wrappermode = yes: expected "
		    "%s_tls_security_level = encrypt or stronger",
		    prefix, prefix);
	return create_context(params, error);
}
