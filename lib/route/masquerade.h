/* SPDX-License-Identifier: MIT */
/* Masquerading: hosts of a domain hide behind its name. Pure. */
#ifndef ROUTE_MASQUERADE_H
#define ROUTE_MASQUERADE_H

#include "lib/base/span.h"

/* What masquerade_domains, `list`, leave of `domain`: the first item that is
 * above it decides, "!example.com" that it stays. A part of `domain`. */
struct span masquerade_domain(struct span list, struct span domain);

#endif
