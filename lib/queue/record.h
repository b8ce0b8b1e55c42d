/* SPDX-License-Identifier: MIT */
/* Recipient records and attribute lists of the queue file (format.h): encoded
 * into a buf, decoded as spans into the caller's bytes. */
#ifndef QUEUE_RECORD_H
#define QUEUE_RECORD_H

#include "lib/base/buf.h"
#include "lib/queue/format.h"

enum {
	RECORD_TEXT_MAXIMUM = 4096, /* of an address */
	RECORD_MAXIMUM = 20 + 3 * RECORD_TEXT_MAXIMUM + 8
};

enum recipient_flag {
	RECIPIENT_NOTIFY_NEVER = 1,
	RECIPIENT_NOTIFY_SUCCESS = 2,
	RECIPIENT_NOTIFY_FAILURE = 4,
	RECIPIENT_NOTIFY_DELAY = 8,
	RECIPIENT_EXPANDED = 16
};

struct stored_recipient {
	uint32_t number; /* stable: 0, 1, 2, ... as they were put */
	enum recipient_state state;
	uint32_t flags; /* enum recipient_flag, others kept */
	struct span address;
	struct span original; /* empty when it is the address */
	struct span orcpt;    /* as it came: type;xtext */
};

/* The state is not part of the record. False when a text is longer than
 * RECORD_TEXT_MAXIMUM or the buffer is full. */
bool record_append_recipient(
    struct buf *out, const struct stored_recipient *recipient) MUST_USE;

enum record_result {
	RECORD_TAKEN,
	RECORD_SHORT,
	RECORD_CORRUPT
};

/* Takes one record from the front of *rest (state is left alone); RECORD_SHORT
 * when *rest may hold the start of one and ends too soon. */
enum record_result record_take_recipient(
    struct span *rest, struct stored_recipient *recipient) MUST_USE;

/* False for a bad name, a value with NUL, or a full buffer. */
bool record_append_attribute(
    struct buf *out, struct span name, struct span value) MUST_USE;

/* Takes the first attribute from *rest, which is not empty; false = corrupt. */
bool record_take_attribute(
    struct span *rest, struct span *name, struct span *value) MUST_USE;

#endif
