/* SPDX-License-Identifier: MIT */
/* Finds what somebody who mistyped a name may have meant. */
#ifndef PARAM_NEAREST_H
#define PARAM_NEAREST_H

#include "lib/base/span.h"

#define NEAREST_NAME_MAXIMUM 64 /* longer ones are like nothing */

struct nearest {
	struct span wanted;
	const char *name; /* the best so far, or NULL */
	size_t distance;  /* candidates must be nearer than this */
};

/* Names that differ in more than about a third of their letters are not near.
 */
void nearest_start(struct nearest *nearest, struct span wanted);
/* `candidate` must outlive the search. */
void nearest_try(struct nearest *nearest, const char *candidate);

#endif
