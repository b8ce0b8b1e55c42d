/* SPDX-License-Identifier: MIT */
/* Brings small messages to the disk in batches: all that are complete by the
 * time a batch begins share its write and its sync. Owns the segments of the
 * process; there is one. */
#ifndef CLEANUP_COMMITTER_H
#define CLEANUP_COMMITTER_H

#include "lib/ipc/peer.h"
#include "lib/queue/put.h"

enum committer_result {
	COMMITTER_DURABLE,
	COMMITTER_FAILED, /* the message must be refused */
	COMMITTER_NO_ROOM /* it has to get a file of its own */
};

/* The store outlives the process. */
void committer_open(struct store *store);
/* Makes the first segment ready. */
void committer_begin(void);

/* Waits for the batch. In a coroutine. */
enum committer_result committer_commit(
    struct put *put, struct error *error) MUST_USE;

/* The notice SEGMENT_FREE. */
void committer_take_free(struct peer *peer, struct frame *frame);
/* The notice SEGMENT_ABANDON. */
void committer_take_abandon(struct peer *peer, struct frame *frame);
/* A new connection to qmgr, which has to learn of all segments that are full.
 */
void committer_tell_again(void);

#endif
