/* SPDX-License-Identifier: MIT */
/* Entries of TLS policy tables: what is read lies in the text and is what its
 * parsers take. */
#include "lib/tls/protocols.h"

#include "smtp/tls_policy.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

static void
check_inside(struct span part, struct span text)
{
	must(part.len == 0 ||
	    (part.at >= text.at && part.at + part.len <= text.at + text.len));
}

static void
check(const struct tls_policy *policy, struct span text)
{
	unsigned set;

	must(tls_level_name(policy->level) != NULL);
	must(
	    policy->match_count == 0 || policy->level >= TLS_LEVEL_FINGERPRINT);
	must(policy->protocols.len == 0 ||
	    protocols_parse(policy->protocols, &set, NULL));
	check_inside(policy->protocols, text);
	check_inside(policy->ciphers, text);
	check_inside(policy->exclude, text);
	check_inside(policy->server_name, text);
	for (size_t i = 0; i < policy->match_count; i++) {
		struct span rest = policy->matches[i];
		struct span word;

		while (tls_policy_take_match(&rest, policy->level, &word)) {
			must(word.len > 0);
			check_inside(word, policy->matches[i]);
		}
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
	struct span text = span_of(bytes, count);
	struct tls_policy policy;
	struct error error = {.text = ""};

	if (tls_policy_parse(text, &policy, &error))
		check(&policy, text);
	else
		must(error.text[0] != '\0');
	return 0;
}
