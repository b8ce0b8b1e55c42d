/* SPDX-License-Identifier: MIT */
#include "lib/mail/comment.h"

bool
comment_skip(struct span *rest)
{
	size_t depth = 0;

	while (rest->len > 0) {
		char byte = rest->at[0];

		*rest = span_skip(*rest, byte == '\\' ? 2 : 1);
		if (byte == '(')
			depth++;
		else if (byte == ')' && --depth == 0)
			return true;
	}
	return false;
}
