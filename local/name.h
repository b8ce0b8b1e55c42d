/* SPDX-License-Identifier: MIT */
/* The local part of a recipient, taken apart. A value that borrows. */
#ifndef LOCAL_NAME_H
#define LOCAL_NAME_H

#include "lib/base/span.h"

struct name {
	struct span local;
	struct span user; /* without extension */
};

struct name name_split(struct span address);

/* "\user": the user himself, whatever aliases say. */
static inline bool
name_is_final(struct span address)
{
	return span_starts(address, SPAN("\\"));
}

#endif
