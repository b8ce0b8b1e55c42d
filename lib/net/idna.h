/* SPDX-License-Identifier: MIT */
/* Names with U-labels as DNS has them: A-labels, "xn--..." (IDNA2008 with the
 * mapping of UTS 46, non-transitional). Stateless. */
#ifndef NET_IDNA_H
#define NET_IDNA_H

#include "lib/base/error.h"
#include "lib/base/span.h"

enum {
	IDNA_NAME_SIZE = 256 /* with the NUL */
};

/* Writes the name that DNS is asked for into `ascii`, NUL-terminated; one in
 * ASCII stays as it is. False, with words that follow "invalid name: ", when it
 * is no valid UTF-8, has characters that no name may have, or when it or a
 * label would be too long. */
bool idna_to_ascii(
    struct span name, char ascii[IDNA_NAME_SIZE], struct error *error) MUST_USE;

#endif
