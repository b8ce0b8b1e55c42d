/* SPDX-License-Identifier: MIT */
/* A message on its way into a store, owned by the cleanup conversation (or the
 * requeueing tool) that makes it. A small one is built in memory and reaches
 * the disk in put_commit only; a large one is spilled by put_flush as it comes.
 *
 * put_flush, put_commit and put_close block: run them in an offload job while
 * nobody else touches the put. All others work in memory. Order: recipients,
 * body, then the rest in any order; recipients may still be added. */
#ifndef QUEUE_PUT_H
#define QUEUE_PUT_H

#include "lib/base/error.h"
#include "lib/queue/attribute.h"
#include "lib/queue/locator.h"
#include "lib/queue/record.h"

struct put;
struct store;

enum {
	PUT_FLUSH_SIZE = 65536,     /* put_wants_flush from here on */
	PUT_APPEND_MAXIMUM = 65536, /* of one put_body */
	PUT_SMALL_MAXIMUM = 65536   /* stored bytes of header and body */
};

/* `arrival` in microseconds. Touches no file. The store outlives the put. */
struct put *put_create(struct store *store, const struct queue_id *id,
    int64_t arrival) __attribute__((returns_nonnull));

/* Each of these returns false when a limit of the format is passed (too many
 * or too long); the put can then only be closed. `number` may be NULL. */
bool put_recipient(struct put *put, const struct stored_recipient *recipient,
    uint32_t *number) MUST_USE;
/* At most PUT_APPEND_MAXIMUM bytes, and not while put_wants_flush. */
bool put_body(struct put *put, struct span bytes) MUST_USE;
/* The whole final header block, each line with its CR LF and without the empty
 * line, once or again (the last one counts); its memory is borrowed until
 * put_commit has returned. The body begins with the empty line. */
void put_header(struct put *put, struct span header);
bool put_attribute(
    struct put *put, enum attribute attribute, struct span value) MUST_USE;
/* For attributes that this version does not know (requeue). */
bool put_named_attribute(
    struct put *put, struct span name, struct span value) MUST_USE;
void put_flags(struct put *put, uint32_t message_flags);
bool put_cancel_recipient(struct put *put, uint32_t number) MUST_USE;
/* What put_body gave so far counts no more. */
void put_restart_body(struct put *put);
/* It does not ride in a segment, however small it is. */
void put_own_file(struct put *put);
/* The message goes to hold/ and not to incoming/. */
void put_hold(struct put *put);

/* Recipients that are not cancelled; bytes of header and body. */
uint32_t put_recipient_count(const struct put *put);
uint64_t put_size(const struct put *put);

/* Complete as it is, it may ride in a segment (segment_writer.h). */
bool put_is_small(const struct put *put);

/* The memory is full: call put_flush before the next put_*. */
bool put_wants_flush(const struct put *put);
/* Writes what is in memory to the file, creating it if need be. */
bool put_flush(struct put *put, struct error *error) MUST_USE;

/* The durable order (REL-01): create, lock, write all but the head, the head,
 * fsync the file, fsync the directory. True = it will survive; the caller may
 * answer 250 and hands *locator over to qmgr. False = nothing is left, and the
 * message must be refused: put_error_is_full says how. Once only. */
bool put_commit(
    struct put *put, struct locator *locator, struct error *error) MUST_USE;

/* Where it is, after put_commit or segment_writer_commit. */
const struct locator *put_locator(const struct put *put);

/* After either: unlocks, so that a scan may adopt the message. Otherwise
 * aborts: removes what was written. NULL is allowed. */
void put_close(struct put *put);

/* The disk or a quota is full (452 4.3.1); any other failure is 451 4.3.0. */
bool put_error_is_full(const struct error *error);

#endif
