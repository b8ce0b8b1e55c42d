/* SPDX-License-Identifier: MIT */
/* Comments of structured header fields (RFC 5322 3.2.2). */
#ifndef MAIL_COMMENT_H
#define MAIL_COMMENT_H

#include "lib/base/span.h"

/* Goes behind the comment at the front of *rest, which is a '('. Nested ones
 * are counted, not recursed into. False when it has no end: *rest is then
 * empty. */
bool comment_skip(struct span *rest);

#endif
