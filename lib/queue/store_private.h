/* SPDX-License-Identifier: MIT */
/* What is behind a store: own files. Private to lib/queue. */
#ifndef QUEUE_STORE_PRIVATE_H
#define QUEUE_STORE_PRIVATE_H

#include "lib/queue/spool.h"

struct store {
	struct spool spool;
};

#endif
