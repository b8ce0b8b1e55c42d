/* SPDX-License-Identifier: MIT */
/* Addresses without a domain in the header of local mail ("From: root") become
 * what they are in the envelope. Stateless. */
#ifndef CLEANUP_HEADER_REWRITE_H
#define CLEANUP_HEADER_REWRITE_H

#include "lib/base/pool.h"
#include "lib/param/common.h"

/* Puts what address_complete adds behind such addresses in the address fields
 * of *block, up to the first line that is no field; no other byte changes. A
 * field that would grow beyond the block's maximum stays as it is. `pool` is
 * for scratch. */
void header_rewrite_block(
    const struct common_params *params, struct pool *pool, struct buf *block);

#endif
