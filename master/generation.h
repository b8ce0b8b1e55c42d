/* SPDX-License-Identifier: MIT */
/* A configuration generation: one reading of main.cf and master.cf, kept in
 * sealed memory files, and the roles that follow from it. Once in use it lives
 * until its last process has ended. */
#ifndef MASTER_GENERATION_H
#define MASTER_GENERATION_H

#include "master/images.h"
#include "master/role.h"

struct generation {
	struct instance instance; /* texts, settings, warnings */
	struct master_cf master_cf;
	uint32_t number;
	int main_cf; /* sealed memory files */
	int master_cf_file;
	char *const *environment; /* of the daemons; ends with NULL */
	struct role *roles;
	size_t role_count;
	size_t children; /* processes of its roles */
	bool has_failed; /* a process of its own cannot start */
	bool is_retired; /* another one is in force */
};

/* NULL when something is wrong; *error then says what and where. What is only
 * odd goes to instance.warnings. Asks the user database: not in a coroutine. */
struct generation *generation_load(const char *directory, uint32_t number,
    struct images *images, struct error *error) MUST_USE;
/* No process may be left. NULL is allowed. */
void generation_destroy(struct generation *generation);

/* Whether everything runs as the one user who started it. */
bool generation_has_one_user(const struct generation *generation);
/* Whether both were read from the same texts. */
bool generation_same_texts(
    const struct generation *a, const struct generation *b);

/* Opens all listeners, sharing what `old` (may be NULL) has open. An IPv6
 * address that the machine does not have is only warned about. */
bool generation_open_listeners(struct generation *generation,
    const struct generation *old, struct error *error) MUST_USE;
/* Ends the listening, for all processes, where `next` (may be NULL) does not.
 */
void generation_withdraw(
    const struct generation *generation, const struct generation *next);

/* The role that clients within the suite mean by `name`; NULL: there is none.
 */
struct role *generation_find(
    const struct generation *generation, struct span name);
/* The same service as `role`, of another generation; NULL: there is none. */
struct role *generation_match(
    const struct generation *generation, const struct role *role);

#endif
