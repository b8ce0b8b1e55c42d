/* SPDX-License-Identifier: MIT */
/* Segments, byte for byte (queue.5 is written from this comment).
 *
 * A segment is a file incoming/segment.<writer>.<n> that many small messages
 * share. It is written with zeros once, and then by one cleanup process only,
 * which holds flock(LOCK_EX) on it for its life. Numbers are little-endian,
 * checks are CRC-32C.
 *
 *	page 0     4096 bytes: head of 64 bytes, then zeros
 *	batches    each starts on a multiple of 4096
 *	zeros, or what is left of an older generation
 *
 * Head:
 *	 0  8  magic "PosternS"
 *	 8  4  format version, 1
 *	12  4  size of the file
 *	16  8  segment generation: random, another one at each use of the file
 *	24  .  zeros
 *	60  4  check of the 60 bytes before
 *
 * A batch is written with one write and one fdatasync, the first one together
 * with the head. It is a run of records, each of which starts on a multiple of
 * 64; the rest up to that is zeros. Record:
 *	 0  8  magic "PosternR"
 *	 8  8  segment generation
 *	16  4  length without what follows up to a multiple of 64
 *	20  4  number: 0, 1, 2, ... in this generation
 *	24  4  number of the first record of the same batch
 *	28  4  check of the whole record with zeros in place of this
 *	32 32  queue id, zeros behind it
 *	64  .  a queue file (format.h) up to and with END
 *
 * A record counts when magic, generation and check agree. What is missing in
 * the last batch was never acknowledged; what is missing before it is damaged,
 * because a batch is begun only when the one before is on disk.
 *
 * What has become of a message stands in done records (done_record.h). */
#ifndef QUEUE_SEGMENT_H
#define QUEUE_SEGMENT_H

#include "lib/queue/locator.h"

enum {
	SEGMENT_VERSION = 1,
	SEGMENT_PAGE = 4096,
	SEGMENT_ALIGNMENT = 64,
	SEGMENT_RECORD_HEAD = 64,
	SEGMENT_RECORD_MAXIMUM = SEGMENT_RECORD_HEAD + 131072,
	SEGMENT_SIZE_MINIMUM = 262144,
	SEGMENT_SIZE = 16 * 1024 * 1024, /* by default */
	SEGMENT_SIZE_MAXIMUM = 64 * 1024 * 1024,
	SEGMENT_NAME_SIZE = 24
};

/* Every name of a segment starts so, and no queue id does. */
#define SEGMENT_NAME_START "segment."

struct segment_head {
	uint64_t generation;
	uint32_t size;
};

enum segment_head_result {
	SEGMENT_SOUND,
	SEGMENT_EMPTY, /* zeros: no batch was ever written */
	SEGMENT_NEWER, /* of a later format version: leave it alone */
	SEGMENT_DAMAGED
};

struct segment_record {
	uint64_t generation;
	uint32_t length; /* with this head, without padding */
	uint32_t number;
	uint32_t first; /* number of the first record of its batch */
	struct queue_id id;
};

/* `page` is SEGMENT_PAGE bytes. */
void segment_head_encode(const struct segment_head *head, char *page);
/* `bytes` are the first SEGMENT_RECORD_HEAD bytes of the file, or more. */
enum segment_head_result segment_head_decode(
    struct span bytes, struct segment_head *head) MUST_USE;

/* `at` holds record->length bytes, of which those behind the record head are
 * there already. */
void segment_record_encode(const struct segment_record *record, char *at);
/* `bytes` starts with the record; false unless all of it is sound. */
bool segment_record_decode(
    struct span bytes, struct segment_record *record) MUST_USE;

/* The next offset at which a record may start. */
static inline uint32_t
segment_round(uint32_t offset)
{
	return (offset + SEGMENT_ALIGNMENT - 1) &
	    ~(uint32_t)(SEGMENT_ALIGNMENT - 1);
}

/* The next offset at which a batch may start. */
static inline uint32_t
segment_round_page(uint32_t offset)
{
	return (offset + SEGMENT_PAGE - 1) & ~(uint32_t)(SEGMENT_PAGE - 1);
}

/* A segment as a number: `writer` below ID_WRITERS, `n` from 1 to 65535. */
uint32_t segment_make(uint32_t writer, uint32_t n);
uint32_t segment_writer_of(uint32_t segment);
void segment_name(uint32_t segment, char name[SEGMENT_NAME_SIZE]);
/* False unless it is the name of a segment as segment_name writes it. */
bool segment_name_parse(struct span name, uint32_t *segment) MUST_USE;

#endif
