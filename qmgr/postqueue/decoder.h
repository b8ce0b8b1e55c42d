/* SPDX-License-Identifier: MIT */
/* Reads the stream of attributes that showq sends (qmgr/showq/listing.h), in
 * pieces of any size. Embedded in its owner. Names that it does not know are
 * passed over. */
#ifndef POSTQUEUE_DECODER_H
#define POSTQUEUE_DECODER_H

#include "lib/base/buf.h"
#include "lib/base/error.h"

struct decoded_message {
	struct span queue_name;
	struct span queue_id;
	struct span time; /* digits: seconds since 1970, bytes, 0 or 1 */
	struct span size;
	struct span forced_expire;
	struct span sender;
};

struct decoded_recipient {
	struct span original;
	struct span address;
	struct span log_class;
	struct span reason;
};

/* Spans are valid during the call only. */
struct decoder_events {
	void (*message)(void *owner, const struct decoded_message *message);
	void (*recipient)(
	    void *owner, const struct decoded_recipient *recipient);
	void (*message_end)(void *owner);
};

enum {
	DECODER_FIELDS = 10,
	DECODER_TEXT_MAXIMUM = 65536 /* bytes of a name or value */
};

struct decoder {
	const struct decoder_events *events;
	void *owner;
	struct buf text; /* of the name or value that is being read */
	struct buf fields[DECODER_FIELDS];
	int field; /* whose value comes next; -1: nobody's */
	int state;
	bool has_recipient;
	bool has_message;
};

void decoder_init(
    struct decoder *decoder, const struct decoder_events *events, void *owner);
void decoder_finish(struct decoder *decoder);

/* False, with the words, for what is no listing. */
bool decoder_feed(
    struct decoder *decoder, struct span bytes, struct error *error) MUST_USE;
/* The listing is complete. */
bool decoder_is_complete(const struct decoder *decoder);

#endif
