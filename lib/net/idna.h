/* SPDX-License-Identifier: MIT */
/* Names with U-labels as DNS has them: A-labels, "xn--..." (IDNA2008 with the
 * mapping of UTS 46, non-transitional); and the two compared. Stateless. */
#ifndef NET_IDNA_H
#define NET_IDNA_H

#include "lib/base/error.h"
#include "lib/base/span.h"

enum {
	IDNA_NAME_SIZE = 256, /* with the NUL */
	/* Of a name in UTF-8: the mapping makes some characters shorter. */
	IDNA_UTF8_SIZE = 4 * IDNA_NAME_SIZE,
	IDNA_FORMS = 3
};

/* Writes the name that DNS is asked for into `ascii`, NUL-terminated; one in
 * ASCII stays as it is. False, with words that follow "invalid name: ", when it
 * is no valid UTF-8, has characters that no name may have, or when it or a
 * label would be too long. */
bool idna_to_ascii(
    struct span name, char ascii[IDNA_NAME_SIZE], struct error *error) MUST_USE;

/* How a name may be written: as it is given, with A-labels, with U-labels; each
 * once. A name that is nothing but ASCII has one form. */
struct idna_forms {
	struct span of[IDNA_FORMS]; /* the first is the name, borrowed */
	size_t count;

	/* private: */
	char ascii[IDNA_NAME_SIZE];
	char unicode[IDNA_UTF8_SIZE];
};

/* *forms need not be initialised, and must not be copied. */
void idna_find_forms(struct span name, struct idna_forms *forms);

/* Whether both are one domain: in any form, ASCII letters in any case. */
bool idna_is_same(struct span a, struct span b);

#endif
