/* SPDX-License-Identifier: MIT */
/* Brings one message to the queue from a coroutine: lib/queue's put, with every
 * call that blocks in an offload job of its own. Embedded in its owner. */
#ifndef CLEANUP_WRITER_H
#define CLEANUP_WRITER_H

#include "lib/queue/put.h"
#include "lib/queue/store.h"

struct writer {
	struct put *put;
	bool spilled; /* a file exists that was not committed */
};

void writer_open(struct writer *writer, struct store *store,
    const struct queue_id *id, int64_t arrival);
/* After writer_commit: unlocks the message. Otherwise removes it. */
void writer_close(struct writer *writer);

/* Writing fails with put_error_is_full or otherwise; so does a message that
 * passes a limit of the format (ERROR_LIMIT). After a failure only writer_close
 * is allowed. */
bool writer_recipient(struct writer *writer,
    const struct stored_recipient *recipient, uint32_t *number,
    struct error *error) MUST_USE;
/* Of any length. */
bool writer_body(
    struct writer *writer, struct span bytes, struct error *error) MUST_USE;
/* `value` empty: not given. */
bool writer_attribute(struct writer *writer, enum attribute attribute,
    struct span value, struct error *error) MUST_USE;
/* True: the message is durable. The header stays borrowed until then. */
bool writer_commit(struct writer *writer, struct error *error) MUST_USE;

#endif
