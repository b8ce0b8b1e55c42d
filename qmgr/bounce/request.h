/* SPDX-License-Identifier: MIT */
/* qmgr's request for a notice, as it came over a conversation: who failed, why,
 * and where the message is. All texts live in its pool. */
#ifndef BOUNCE_REQUEST_H
#define BOUNCE_REQUEST_H

#include "lib/base/pool.h"
#include "lib/ipc/peer.h"

#include "qmgr/bounce/compose.h"

struct request {
	struct pool *pool;
	struct message_notify notify;
	int fd;             /* the queue file, or -1 */
	struct buf content; /* header and body, when there is no file */
	struct compose_recipient *recipients;
	size_t count;
	size_t room;
};

/* Takes the ownership of the frame's descriptor. False: the peer has gone, or
 * what came makes no sense. Finish it in any case. */
bool request_receive(struct request *request, struct conversation *conversation,
    struct frame *first, struct error *error) MUST_USE;
void request_finish(struct request *request);

/* Copies `count` bytes from `offset` of the header (of the body) to `bytes`;
 * blocks on the disk. */
bool request_read_header(const struct request *request, uint64_t offset,
    char *bytes, size_t count, struct error *error) MUST_USE;
bool request_read_body(const struct request *request, uint64_t offset,
    char *bytes, size_t count, struct error *error) MUST_USE;

#endif
