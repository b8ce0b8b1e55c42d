/* SPDX-License-Identifier: MIT */
/* The bytes an unquoted local part is made of: atext of RFC 5322 3.2.3 and, as
 * RFC 6532 says, everything above 127. Stateless. */
#ifndef MAIL_ATEXT_H
#define MAIL_ATEXT_H

#include "lib/base/text.h"

static inline bool
text_is_high(char byte)
{
	return (unsigned char)byte > 127;
}

static inline bool
atext_has(char byte)
{
	return text_is_alphanumeric(byte) || text_is_high(byte) ||
	    (byte != '\0' && strchr("!#$%&'*+-/=?^_`{|}~", byte) != NULL);
}

#endif
