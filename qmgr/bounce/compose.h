/* SPDX-License-Identifier: MIT */
/* The text of a delivery status notification (RFC 3464), all but the returned
 * message itself: a pure function of what is to be said. */
#ifndef BOUNCE_COMPOSE_H
#define BOUNCE_COMPOSE_H

#include "lib/base/buf.h"
#include "lib/ipc/messages.h"

#include "qmgr/bounce/template.h"

/* Who and where we are. */
struct compose_host {
	struct span name;   /* myhostname */
	struct span system; /* mail_name */
};

struct compose_recipient {
	uint32_t number; /* in the message's file */
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
	const struct template *words;
	struct span introduction; /* the text of the template, expanded */
	bool for_postmaster;      /* has other words, and no introduction */
	struct span queue_id;     /* of the message it is about */
	struct span sender;       /* of that message */
	struct span envelope_id;
	struct span to; /* whom the notice is for */
	struct span boundary;
	struct span own_id; /* the notice's queue id */
	int64_t now;
	int64_t arrived;
	int64_t expires;
	bool utf8;          /* as compose_is_international says */
	bool returned_utf8; /* what is returned has UTF-8 in its header */
	bool eight_bit;     /* what is returned has bytes above 127 */
	bool whole;         /* it is returned whole, not only its header */
	const struct compose_recipient *recipients;
	size_t count;
};

enum {
	/* A notice is about a slice of recipients (qmgr's MESSAGE_SLICE): that
	 * many of the longest addresses and texts fit. */
	COMPOSE_MAXIMUM = 32 << 20,
	/* RFC 2046 5.1.1 allows 70 characters. */
	COMPOSE_BOUNDARY_SIZE = 70 + 1
};

/* Whether an address that the report has to name (but for ORCPT, which has a
 * form in ASCII) is outside ASCII: then the report has the types of RFC 6533.
 * Otherwise it is ASCII, whatever others said about the recipients. */
bool compose_is_international(const struct compose_notice *notice);
/* Whether the notice has bytes above 127 anywhere. */
bool compose_is_8bit(const struct compose_notice *notice);
/* Appends everything up to the first byte of the returned message. False when
 * the buffer is full. */
bool compose_head(struct buf *out, const struct compose_host *host,
    const struct compose_notice *notice) MUST_USE;
/* Appends what follows the returned message, which ended with CRLF. */
bool compose_tail(
    struct buf *out, const struct compose_notice *notice) MUST_USE;

#endif
