/* SPDX-License-Identifier: MIT */
/* The recipients of one message: completed, freed of duplicates, written to the
 * queue file and listed for qmgr. Embedded in its owner. */
#ifndef CLEANUP_ENVELOPE_H
#define CLEANUP_ENVELOPE_H

#include "lib/base/hash.h"
#include "lib/base/pool.h"
#include "lib/ipc/messages.h"
#include "lib/mail/reply.h"

#include "cleanup/writer.h"

enum {
	/* Recipients that the notice to qmgr has room for; it reads the others
	 * from the file. */
	ENVELOPE_LIST_MAXIMUM = 60000
};

struct envelope {
	struct pool *pool;
	struct writer *writer;
	struct buf list; /* of message_arrival_recipient */
	bool list_is_full;
	uint32_t count;    /* recipients written */
	struct hash *seen; /* what was written; NULL before the second */
	struct span first; /* of what `seen` will have, in the pool */
};

void envelope_init(
    struct envelope *envelope, struct pool *pool, struct writer *writer);
void envelope_finish(struct envelope *envelope);

/* Takes one recipient as it came. *reply says what has become of it: 250, also
 * for a duplicate, or why it is refused. False: the queue file cannot be
 * written, and the message is lost. */
bool envelope_add(struct envelope *envelope,
    const struct message_recipient *recipient, struct reply *reply,
    struct error *error) MUST_USE;

/* `address` with a domain, in `pool`; false when that is at its maximum. The
 * null address stays what it is. */
bool envelope_complete(
    struct pool *pool, struct span address, struct span *complete) MUST_USE;

#endif
