/* SPDX-License-Identifier: MIT */
/* Messages in segments: records what has become of them once a turn for all,
 * tells cleanup which segments it may use again, and moves out what pins one.
 */
#ifndef QMGR_SEGMENTS_H
#define QMGR_SEGMENTS_H

#include "lib/ipc/peer.h"

#include "qmgr/message.h"

/* The queue is ours. */
void segments_begin(struct store *store);

/* Waits until the records of segments are open, if the message is in one. In a
 * coroutine. */
void segments_wait(const struct locator *locator);

/* As store_done and store_record with marks alone, for a message in a segment;
 * all that come within a turn share a write. In a coroutine. */
bool segments_done(const struct locator *locator, struct error *error) MUST_USE;
bool segments_mark(const struct locator *locator,
    const struct store_report *report, struct error *error) MUST_USE;

/* The notice SEGMENT_FULL. */
void segments_take_full(struct peer *peer, struct frame *frame);
/* The connection of a cleanup process has ended. */
void segments_lost(const struct peer *peer);

/* No message in memory is in that segment; otherwise one of them is moved out,
 * or has been tried to be. In a coroutine. */
bool segments_empty(uint32_t segment);

/* Nothing more is delivered: moves everything into files of its own, once
 * is_quiet() says that nothing is under way. */
void segments_leave(bool (*is_quiet)(void));
/* segments_leave is not over. */
bool segments_are_leaving(void);

#endif
