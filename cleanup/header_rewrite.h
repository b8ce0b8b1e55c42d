/* SPDX-License-Identifier: MIT */
/* Addresses in a header become what they are in the envelope: those without a
 * domain ("From: root") get one, others are rewritten as tables say.
 * Stateless. */
#ifndef CLEANUP_HEADER_REWRITE_H
#define CLEANUP_HEADER_REWRITE_H

#include "lib/base/pool.h"
#include "lib/route/route.h"

struct header_rewrite {
	const struct common_params *params; /* what completes an address */
	/* As route_rewrite, for complete addresses; NULL: they stay. */
	bool (*rewrite)(struct pool *pool, enum route_place place,
	    struct span address, struct span *out, struct error *error);
};

/* Puts what address_complete adds behind such addresses in the address fields
 * of *block, and what rewrite() makes of others in their place, up to the first
 * line that is no field; no other byte changes. A field that would grow beyond
 * the block's maximum stays as it is. `pool` is for scratch. False: rewrite()
 * failed, and nothing has changed. */
bool header_rewrite_block(const struct header_rewrite *how, struct pool *pool,
    struct buf *block, struct error *error) MUST_USE;

#endif
