/* SPDX-License-Identifier: MIT */
/* One delivery as an agent sees it: qmgr's request, the content, and what
 * becomes of each recipient. Made by agent.c, lives until qmgr has taken the
 * result. */
#ifndef DAEMON_DELIVERY_H
#define DAEMON_DELIVERY_H

#include "lib/base/error.h"
#include "lib/base/pool.h"
#include "lib/ipc/messages.h"
#include "lib/log/log.h"

/* What became of a recipient. */
struct delivery_result {
	enum delivery_outcome outcome;
	struct span dsn;    /* "4.4.1" */
	struct span text;   /* as logged in parentheses */
	struct span remote; /* the host that said so, or empty */
	struct span reply;  /* its reply in one line, or empty */
	bool at_hello;      /* it failed before a transaction could begin */
	struct span relay;  /* of the log line: "mx.example[192.0.2.1]:25" */
	unsigned uses;      /* of the connection; 0 without one */
	int64_t connected;  /* wall time; 0 without a connection */
};

struct delivery_recipient {
	struct message_deliver_recipient request;
	bool is_reported;
	struct delivery_result result; /* once reported */
};

struct flight_slot;

struct delivery {
	struct pool *pool;          /* of the delivery: for its agent, too */
	struct flight_slot *flight; /* from the request to the last report */
	struct message_deliver request;
	struct delivery_recipient *recipients;
	size_t count;
	/* The content is header_size bytes at header_offset and body_size bytes
	 * at body_offset of the file, or of `content` when there is none. */
	int fd; /* -1: none */
	struct span content;
	int64_t started; /* wall time */
	struct log_context log;
};

/* Bytes of header and body. */
static inline uint64_t
delivery_size(const struct delivery *delivery)
{
	return delivery->request.header_size + delivery->request.body_size;
}

/* Reads exactly `count` bytes of the content; `position` counts from the start
 * of the header, behind which the body begins. False is a failed read. */
bool delivery_read(const struct delivery *delivery, uint64_t position,
    void *bytes, size_t count, struct error *error) MUST_USE;

/* Logs what became of the recipient and keeps it for qmgr; each recipient is
 * reported once. With soft_bounce a bounce is turned into a deferral. */
void delivery_report(struct delivery *delivery,
    struct delivery_recipient *recipient, const struct delivery_result *result);

#endif
