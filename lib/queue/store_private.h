/* SPDX-License-Identifier: MIT */
/* What is behind a store: own files and segments. Private to lib/queue. */
#ifndef QUEUE_STORE_PRIVATE_H
#define QUEUE_STORE_PRIVATE_H

#include "lib/queue/segment_avoid.h"
#include "lib/queue/segment_table.h"
#include "lib/queue/spool.h"
#include "lib/queue/store_segments.h"

struct store {
	struct spool spool;
	struct segment_table
	    segments; /* unused by cleanup, which writes them */
	struct segment_avoid avoid;
	struct store_watch watch;
};

#endif
