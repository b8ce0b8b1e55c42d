/* SPDX-License-Identifier: MIT */
#include "lib/tls/settings.h"

#include "lib/tls/cipher_list.h"

enum {
	CIPHERS_MAXIMUM = 16384
};

const char *
settings_ciphers(struct pool *pool, const struct tls_params *params,
    struct span grade, const char *const *exclusions, struct error *error)
{
	const char *const lists[CIPHER_GRADE_COUNT] = {
	    [CIPHER_GRADE_NULL] = params->tls_null_cipherlist,
	    [CIPHER_GRADE_MEDIUM] = params->tls_medium_cipherlist,
	    [CIPHER_GRADE_HIGH] = params->tls_high_cipherlist,
	};
	enum cipher_grade which;
	const char *ciphers = NULL;
	struct buf list;

	if (!cipher_grade_parse(grade, &which, error))
		return NULL;
	buf_init(&list, CIPHERS_MAXIMUM);
	buf_append_text(&list, lists[which]);
	while (*exclusions != NULL &&
	    cipher_list_exclude(&list, span_text(*exclusions), error))
		exclusions++;
	if (*exclusions == NULL) {
		ciphers = pool_copy(pool, buf_span(&list));
		must(ciphers != NULL);
	}
	buf_finish(&list);
	return ciphers;
}

const char *
settings_groups(struct pool *pool, const struct tls_params *params)
{
	const char *groups = pool_printf(pool, "%s %s",
	    params->tls_eecdh_auto_curves, params->tls_ffdhe_auto_groups);

	must(groups != NULL);
	return groups;
}

static bool
is_set(const char *file)
{
	return file[0] != '\0' && strcmp(file, "none") != 0;
}

bool
settings_load_chains(const struct settings_files *files,
    struct chain_list *chains, struct error *error)
{
	if (is_set(files->chain_files))
		return chain_list_add_files(
		    chains, span_text(files->chain_files), error);
	for (size_t i = 0; i < COUNT_OF(files->pairs); i++)
		if (is_set(files->pairs[i].certificate) &&
		    !chain_list_add_pair(chains, files->pairs[i].certificate,
			files->pairs[i].key, error))
			return false;
	return true;
}
