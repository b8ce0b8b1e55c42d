/* SPDX-License-Identifier: MIT */
/* OpenSSL's error queue belongs to the thread, so to all coroutines of it: one
 * that waits in the middle of an operation takes its errors away and puts them
 * back afterwards, in the place of what others have left there. Owned by the
 * caller, on its stack. */
#ifndef TLS_ERROR_QUEUE_H
#define TLS_ERROR_QUEUE_H

#include "lib/base/base.h"

enum {
	ERROR_QUEUE_SIZE = 16 /* as OpenSSL's own */
};

struct error_queue {
	size_t count;

	struct {
		unsigned long code;
		char text[60]; /* what OpenSSL adds to it; cut when longer */
	} entries[ERROR_QUEUE_SIZE];
};

/* OpenSSL's queue is empty afterwards. */
void error_queue_save(struct error_queue *queue);
/* It has what was saved and nothing else. */
void error_queue_restore(const struct error_queue *queue);

#endif
