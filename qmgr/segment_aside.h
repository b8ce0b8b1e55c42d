/* SPDX-License-Identifier: MIT */
/* Segments that their readers died of: notes in the flight recorder which one
 * is being read as a whole, and sets those that master calls guilty aside in
 * corrupt/, unopened.
 *
 * One that cleanup has open is first abandoned by it: cleanup tells of all it
 * has accepted, then gives the lock up. With the lock ours what is in memory of
 * it gets files of its own, and only then the segment goes: it holds nothing
 * that came after the crash. */
#ifndef QMGR_SEGMENT_ASIDE_H
#define QMGR_SEGMENT_ASIDE_H

#include "lib/ipc/peer.h"
#include "lib/queue/store.h"

/* It is guilty. At any time, perhaps before the queue is open. */
void segment_aside_take(uint32_t segment);

/* Before anything is read: the guilty are left alone. */
void segment_aside_watch(struct store *store);
/* The segments are ours. */
void segment_aside_begin(void);

/* A cleanup process, perhaps a new one. */
void segment_aside_tell(struct peer *peer);

#endif
