/* SPDX-License-Identifier: MIT */
/* The recipients of one message: completed, rewritten, replaced by what virtual
 * aliases say, freed of duplicates, written to the queue file and listed for
 * qmgr with their routes. Embedded in its owner. */
#ifndef CLEANUP_ENVELOPE_H
#define CLEANUP_ENVELOPE_H

#include "lib/base/hash.h"
#include "lib/base/pool.h"
#include "lib/ipc/messages.h"
#include "lib/mail/reply.h"

#include "cleanup/routing.h"
#include "cleanup/writer.h"

enum {
	/* Recipients that the notice to qmgr has room for; it reads the others
	 * from the file. */
	ENVELOPE_LIST_MAXIMUM = 60000
};

struct copy;

struct envelope {
	struct pool *pool;
	struct writer *writer;
	struct span sender; /* complete */
	struct span last;   /* recipient that was added, before aliases */
	struct buf list;    /* of message_arrival_recipient */
	bool list_is_full;
	bool has_utf8;       /* an address is not ASCII but UTF-8 */
	uint32_t count;      /* recipients written */
	bool wants_copies;   /* of what is added */
	struct copy *copies; /* newest first */
	struct hash *seen;   /* what was written; NULL before the second */
	struct span first;   /* of what `seen` will have, in the pool */
};

/* All three stay the caller's. */
void envelope_init(
    struct envelope *envelope, struct pool *pool, struct writer *writer);
void envelope_finish(struct envelope *envelope);

/* Sets the sender, before the first recipient, as it is to be known from now
 * on. False: a table or the pool failed, or the address is too long. */
bool envelope_set_sender(struct envelope *envelope, struct span sender,
    struct error *error) MUST_USE;

/* Takes one recipient as it came. *reply says what has become of it: 250, also
 * for a duplicate, or why it is refused. False: the queue file cannot be
 * written, and the message is lost. */
bool envelope_add(struct envelope *envelope,
    const struct message_recipient *recipient, struct reply *reply,
    struct error *error) MUST_USE;

/* Adds who is to have a copy because of the sender, of the recipients so far,
 * or always; nobody is told of what becomes of those. *reply is 250, or why the
 * message is refused. False as envelope_add. */
bool envelope_add_copies(struct envelope *envelope, struct reply *reply,
    struct error *error) MUST_USE;

/* One more who is to have a copy, whatever wants_copies says. As above. */
bool envelope_add_copy(struct envelope *envelope, struct span address,
    struct reply *reply, struct error *error) MUST_USE;

/* Nobody gets the message but `address`. As above. */
bool envelope_redirect(struct envelope *envelope, struct span address,
    struct reply *reply, struct error *error) MUST_USE;

#endif
