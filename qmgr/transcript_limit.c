/* SPDX-License-Identifier: MIT */
#include "qmgr/transcript_limit.h"

bool
transcript_limit_admit(
    struct transcript_limit *limit, struct span server, int64_t now)
{
	struct span name = span_head(server, TRANSCRIPT_LIMIT_NAME);
	size_t room = TRANSCRIPT_LIMIT_MAXIMUM;

	for (size_t i = 0; i < TRANSCRIPT_LIMIT_MAXIMUM; i++) {
		if (limit->sent[i].until <= now)
			room = i;
		else if (span_equal(name,
			     span_of(
				 limit->sent[i].server, limit->sent[i].len)))
			return false;
	}
	if (room == TRANSCRIPT_LIMIT_MAXIMUM)
		return false;
	limit->sent[room].until = now + TRANSCRIPT_LIMIT_INTERVAL;
	limit->sent[room].len = name.len;
	span_copy(limit->sent[room].server, name);
	return true;
}
