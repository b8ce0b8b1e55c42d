/* SPDX-License-Identifier: MIT */
/* The header of a message on its way into the queue: unwanted fields are taken
 * out, missing ones are added, all others stay byte for byte. Embedded in its
 * owner; takes its input in pieces of any size and keeps the result in memory,
 * within limits. */
#ifndef CLEANUP_HEADER_EDIT_H
#define CLEANUP_HEADER_EDIT_H

#include "lib/base/buf.h"

struct header_edit_settings {
	struct span drop;     /* names of fields to be removed */
	size_t field_maximum; /* bytes of one field; the rest is cut off */
	size_t block_maximum; /* bytes of all; fields behind are spilled */
	/* Takes the fields, in order, that the block has no room for: they go
	 * to the front of the body. False stops the message. */
	bool (*spill)(void *owner, struct span bytes);
	void *owner;
};

/* What a message without proper header fields is completed from. */
struct header_edit_origin {
	bool complete;      /* add From, Date and Message-ID if missing */
	struct span sender; /* of the envelope, internal form */
	struct span full_name;
	struct span queue_id;
	struct span host;
	struct span undisclosed; /* field for a message without recipients */
	int64_t arrival;         /* microseconds since 1970 */
};

struct header_edit {
	struct header_edit_settings settings;
	struct buf block;
	unsigned seen; /* enum header_seen bits */
	uint64_t hops; /* Received fields */
	bool was_cut;  /* a field was longer than its maximum */

	/* private: */
	struct buf line;    /* start of a line that came in pieces */
	size_t field_start; /* of the last field, in `block` */
	size_t field_len;   /* of it, kept so far */
	size_t insert_at;   /* where missing fields go, once in_text */
	int action;
	bool in_line; /* the start of the current line was taken */
	bool in_text; /* a line was no field: the rest is left alone */
	bool has_field;
	bool spilling;
	bool failed;
};

void header_edit_init(
    struct header_edit *edit, const struct header_edit_settings *settings);
void header_edit_finish(struct header_edit *edit);

/* False once `spill` has returned false. */
bool header_edit_feed(struct header_edit *edit, struct span run) MUST_USE;

/* Fields of `block`, which had `before` bytes, were changed: looks at what is
 * there now. */
void header_edit_changed(struct header_edit *edit, size_t before);

/* The input is complete: adds what is missing. `block` is then final. */
void header_edit_complete(
    struct header_edit *edit, const struct header_edit_origin *origin);

/* The unfolded value of Message-ID, or of Resent-Message-ID, appended to *out;
 * false when there is none. */
bool header_edit_message_id(
    const struct header_edit *edit, bool resent, struct buf *out);

#endif
