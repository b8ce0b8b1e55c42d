/* SPDX-License-Identifier: MIT */
/* Done records: what has become of messages in segments. qmgr alone writes
 *them, to incoming/qmgr.done.0 and incoming/qmgr.done.1 (queue.5 is written
 *from this comment). A file is a run of records of 32 bytes, little-endian:
 *
 *	 0  4  magic "Done"
 *	 4  4  segment: writer number times 65536, plus n
 *	 8  8  segment generation; of another one than the segment's the record
 *	       means nothing
 *	16  4  number of the message's record
 *	20  4  number of the recipient, or 4294967295: all of them
 *	24  4  state: 1 done, 2 bounced, 3 cancelled
 *	28  4  CRC-32C of the 28 bytes before
 *
 * A record states a fact that is never taken back. So neither order nor
 * repetition matters, what fails its check is skipped, and everything in both
 * files counts. A lost record means a duplicate and never a loss. */
#ifndef QUEUE_DONE_RECORD_H
#define QUEUE_DONE_RECORD_H

#include "lib/queue/format.h"

enum {
	DONE_RECORD_SIZE = 32
};

#define DONE_RECORD_ALL UINT32_MAX

struct done_record {
	uint32_t segment;
	uint64_t generation;
	uint32_t message;
	uint32_t recipient;
	enum recipient_state state;
};

void done_record_encode(
    const struct done_record *record, char bytes[DONE_RECORD_SIZE]);
bool done_record_decode(
    const char bytes[DONE_RECORD_SIZE], struct done_record *record) MUST_USE;

#endif
