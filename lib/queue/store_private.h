/* SPDX-License-Identifier: MIT */
/* What is behind a store: own files and segments. Private to lib/queue. */
#ifndef QUEUE_STORE_PRIVATE_H
#define QUEUE_STORE_PRIVATE_H

#include "lib/queue/segment_table.h"
#include "lib/queue/spool.h"

struct store {
	struct spool spool;
	struct segment_table
	    segments; /* unused by cleanup, which writes them */
};

#endif
