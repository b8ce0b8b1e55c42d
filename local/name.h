/* SPDX-License-Identifier: MIT */
/* The local part of a recipient, taken apart. A value that borrows. */
#ifndef LOCAL_NAME_H
#define LOCAL_NAME_H

#include "lib/base/span.h"

struct name {
	struct span local; /* without the backslash */
	struct span user;  /* without extension */
	bool is_final;     /* "\user": aliases do not count */
};

struct name name_split(struct span address);

#endif
