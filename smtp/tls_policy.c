/* SPDX-License-Identifier: MIT */
#include "smtp/tls_policy.h"

#include "lib/param/word_list.h"
#include "lib/tls/cipher_list.h"
#include "lib/tls/protocols.h"

static const struct {
	const char *name;
	enum tls_level level;
} levels[] = {
    {"none", TLS_LEVEL_NONE},
    {"may", TLS_LEVEL_MAY},
    {"dane", TLS_LEVEL_DANE},
    {"half-dane", TLS_LEVEL_DANE},
    {"encrypt", TLS_LEVEL_ENCRYPT},
    {"dane-only", TLS_LEVEL_DANE_ONLY},
    {"fingerprint", TLS_LEVEL_FINGERPRINT},
    {"verify", TLS_LEVEL_VERIFY},
    {"secure", TLS_LEVEL_SECURE},
};

bool
tls_level_parse(struct span name, enum tls_level *level, struct error *error)
{
	for (size_t i = 0; i < COUNT_OF(levels); i++)
		if (span_equal_fold(name, span_text(levels[i].name))) {
			*level = levels[i].level;
			return true;
		}
	return error_set(error, ERROR_INVALID,
	    "\"%.*s\": expected a level: none, may, encrypt, fingerprint, "
	    "verify, secure",
	    SPAN_ARGS(span_head(name, 40)));
}

const char *
tls_level_name(enum tls_level level)
{
	size_t i = 0;

	while (levels[i].level != level)
		i++;
	return levels[i].name;
}

static bool
take_match(struct tls_policy *policy, struct span value, struct error *error)
{
	if (policy->level < TLS_LEVEL_FINGERPRINT)
		return error_set(error, ERROR_INVALID,
		    "match= means nothing at the level %s",
		    tls_level_name(policy->level));
	if (policy->match_count == TLS_POLICY_MATCHES)
		return error_set(error, ERROR_LIMIT, "too many match=");
	policy->matches[policy->match_count++] = value;
	return true;
}

static bool
take_protocols(
    struct tls_policy *policy, struct span value, struct error *error)
{
	unsigned set;

	policy->protocols = value;
	return protocols_parse(value, &set, error);
}

static bool
take_ciphers(struct tls_policy *policy, struct span value, struct error *error)
{
	enum cipher_grade grade;

	policy->ciphers = value;
	return cipher_grade_parse(value, &grade, error);
}

static bool
take_exclude(
    struct tls_policy *policy, struct span value, struct error *error UNUSED)
{
	policy->exclude = value;
	return true;
}

static bool
take_server_name(
    struct tls_policy *policy, struct span value, struct error *error UNUSED)
{
	policy->server_name = value;
	return true;
}

/* Those without a function say how connections are shared and what is told in
 * reports: nothing depends on them. */
static const struct {
	const char *name;
	bool (*take)(
	    struct tls_policy *policy, struct span value, struct error *error);
} attributes[] = {
    {"match", take_match},
    {"protocols", take_protocols},
    {"ciphers", take_ciphers},
    {"exclude", take_exclude},
    {"servername", take_server_name},
    {"connection_reuse", NULL},
    {"enable_rpk", NULL},
    {"policy_type", NULL},
    {"policy_domain", NULL},
    {"policy_string", NULL},
    {"policy_ttl", NULL},
    {"policy_failure", NULL},
    {"mx_host_pattern", NULL},
};

static bool
take_attribute(struct tls_policy *policy, struct span word, struct error *error)
{
	struct span name;
	struct span value;
	struct span group;

	if (word_list_group(word, &group))
		word = group;
	if (!span_split(word, '=', &name, &value))
		return error_set(error, ERROR_INVALID,
		    "\"%.*s\": expected attribute=value",
		    SPAN_ARGS(span_head(word, 40)));
	name = span_trim(name);
	value = span_trim(value);
	for (size_t i = 0; i < COUNT_OF(attributes); i++)
		if (span_equal_fold(name, span_text(attributes[i].name)))
			return attributes[i].take == NULL ||
			    attributes[i].take(policy, value, error);
	return error_set(error, ERROR_INVALID, "\"%.*s\": unknown attribute",
	    SPAN_ARGS(span_head(name, 40)));
}

bool
tls_policy_parse(
    struct span text, struct tls_policy *policy, struct error *error)
{
	struct span word;

	*policy = (struct tls_policy){.level = TLS_LEVEL_NONE};
	if (!word_list_next(&text, &word))
		return error_set(error, ERROR_INVALID, "expected a level");
	if (!tls_level_parse(word, &policy->level, error))
		return false;
	while (word_list_next(&text, &word))
		if (!take_attribute(policy, word, error))
			return false;
	return true;
}

bool
tls_policy_take_match(
    struct span *rest, enum tls_level level, struct span *word)
{
	return span_take_word(rest,
	    level == TLS_LEVEL_FINGERPRINT ? " \t\r\n,|" : " \t\r\n,:", word);
}
