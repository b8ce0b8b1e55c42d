/* SPDX-License-Identifier: MIT */
/* The environment that daemons are started with: what import_environment
 * allows, and the time zone, which an empty root directory would hide. */
#ifndef MASTER_ENVIRONMENT_H
#define MASTER_ENVIRONMENT_H

#include "lib/base/pool.h"

/* An array that ends with NULL, in `pool`. `import` is a list of NAME and
 * NAME=value. */
char *const *environment_make(struct pool *pool, struct span import);

/* The rule in the footer of a TZif file (RFC 8536): "CET-1CEST,M3.5.0,...";
 * empty when there is none. */
struct span environment_zone_rule(struct span file);

#endif
