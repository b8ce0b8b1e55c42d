/* SPDX-License-Identifier: MIT */
/* One delivery as qmgr asks for it: a message and the recipients to be served
 * at one next hop. Owned by the coroutine that serves it. */
#ifndef SMTP_REQUEST_H
#define SMTP_REQUEST_H

#include "lib/base/list.h"
#include "lib/ipc/peer.h"
#include "lib/log/log.h"

#include "smtp/outcome.h"

enum recipient_state {
	RECIPIENT_PENDING,  /* to be tried, or tried without a final result */
	RECIPIENT_ACCEPTED, /* the server took it in this transaction */
	RECIPIENT_DONE      /* its outcome is final */
};

struct recipient {
	struct message_deliver_recipient message;
	enum recipient_state state;
	const struct outcome *outcome; /* the last one, or NULL */
	int64_t ended;                 /* wall time, of a final one */
};

struct request {
	struct pool *pool; /* everything below lives in it */
	struct message_deliver message;
	struct recipient *recipients;
	size_t count;
	int content_fd;      /* -1: the content is in `content` */
	struct span content; /* header and body */
	int64_t started;     /* wall time */
	struct log_context log;
};

/* Receives what follows DELIVER. False when it makes no sense or the peer is
 * gone. request_finish is due in any case. */
bool request_receive(struct request *request, struct conversation *conversation,
    struct frame *first, struct error *error) MUST_USE;
void request_finish(struct request *request);

/* Bytes of the content, line ends included. */
uint64_t request_size(const struct request *request);
bool request_has_pending(const struct request *request);

/* The outcome so far of all recipients that are not done, which are pending
 * from then on. What a server has said of one counts more. */
void request_postpone(struct request *request, const struct outcome *outcome);
/* Makes the outcome final and logs it. */
void request_conclude(struct request *request, struct recipient *recipient,
    const struct outcome *outcome);
/* The same for all recipients that are not done. */
void request_conclude_all(
    struct request *request, const struct outcome *outcome);

#endif
