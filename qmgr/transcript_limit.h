/* SPDX-License-Identifier: MIT */
/* How many transcripts postmaster gets: one of a server in a minute, and a
 * maximum of all in a minute. A value without clock; zeroed it has seen none.
 */
#ifndef QMGR_TRANSCRIPT_LIMIT_H
#define QMGR_TRANSCRIPT_LIMIT_H

#include "lib/base/span.h"

enum {
	TRANSCRIPT_LIMIT_INTERVAL = 60000, /* milliseconds */
	TRANSCRIPT_LIMIT_MAXIMUM = 30,     /* transcripts in that time */
	TRANSCRIPT_LIMIT_NAME = 128        /* bytes of a name that tell */
};

struct transcript_limit {
	struct {
		int64_t until; /* 0: free */
		size_t len;
		char server[TRANSCRIPT_LIMIT_NAME];
	} sent[TRANSCRIPT_LIMIT_MAXIMUM];
};

/* Whether one of `server` may be sent at `now` (milliseconds, above 0), which
 * is noted then. */
bool transcript_limit_admit(
    struct transcript_limit *limit, struct span server, int64_t now);

#endif
