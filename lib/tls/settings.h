/* SPDX-License-Identifier: MIT */
/* From parameters to what contexts and connections are made of. All texts live
 * in the pool that is given; it has room for them. */
#ifndef TLS_SETTINGS_H
#define TLS_SETTINGS_H

#include "lib/base/pool.h"
#include "lib/tls/chain.h"
#include "lib/tls/params.h"

/* The ciphers of `grade` without those in the lists of `exclusions`, which
 * end with NULL; NULL when a word in them is none. */
const char *settings_ciphers(struct pool *pool, const struct tls_params *params,
    struct span grade, const char *const *exclusions,
    struct error *error) MUST_USE;

/* The groups of both kinds. */
const char *settings_groups(struct pool *pool, const struct tls_params *params);

/* Where the certificates of a program are: the ..._chain_files parameter, which
 * decides when it is set, or pairs of files, either of which may be empty. */
struct settings_files {
	const char *chain_files;

	struct {
		const char *certificate;
		const char *key;
	} pairs[2];
};

/* Adds to *chains; none is no failure. "none" is as empty. */
bool settings_load_chains(const struct settings_files *files,
    struct chain_list *chains, struct error *error) MUST_USE;

#endif
