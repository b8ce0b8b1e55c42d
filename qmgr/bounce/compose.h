/* SPDX-License-Identifier: MIT */
/* The text of a delivery status notification (RFC 3464), all but the returned
 * message itself: a pure function of what is to be said. */
#ifndef BOUNCE_COMPOSE_H
#define BOUNCE_COMPOSE_H

#include "lib/base/buf.h"
#include "lib/ipc/messages.h"

/* Who and where we are. */
struct compose_host {
	struct span name;   /* myhostname */
	struct span origin; /* myorigin, the domain of MAILER-DAEMON */
	struct span system; /* mail_name */
};

struct compose_recipient {
	struct span address;
	struct span original; /* ORCPT as it came, or empty */
	struct span before;   /* the address before aliases, or empty */
	enum delivery_outcome outcome;
	struct span dsn;
	struct span text;
	struct span remote;
	struct span reply;
	int64_t attempted; /* wall clock, microseconds; 0 = unknown */
};

/* What is to be said. Times are wall clock, microseconds. */
struct compose_notice {
	enum notice_kind kind;
	bool for_postmaster;
	struct span queue_id; /* of the message it is about */
	struct span sender;   /* of that message */
	struct span envelope_id;
	struct span to; /* whom the notice is for */
	struct span boundary;
	struct span own_id; /* the notice's queue id */
	int64_t now;
	int64_t arrived;
	int64_t expires;
	bool utf8;      /* the message is an internationalised one */
	bool eight_bit; /* what is returned has bytes above 127 */
	bool whole;     /* it is returned whole, not only its header */
	const struct compose_recipient *recipients;
	size_t count;
};

enum {
	/* A notice about very many recipients names as many as fit. */
	COMPOSE_MAXIMUM = 8 << 20,
	COMPOSE_BOUNDARY_SIZE = 200
};

/* Appends everything up to the first byte of the returned message. False when
 * the buffer is full. */
bool compose_head(struct buf *out, const struct compose_host *host,
    const struct compose_notice *notice) MUST_USE;
/* Appends what follows the returned message, which ended with CRLF. */
bool compose_tail(
    struct buf *out, const struct compose_notice *notice) MUST_USE;

#endif
