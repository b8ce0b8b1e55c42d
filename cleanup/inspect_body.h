/* SPDX-License-Identifier: MIT */
/* The body of a message on its way through header and body checks: the headers
 * of its parts and of messages in it, and all other lines. Content in pieces of
 * any size goes in, what is left of it comes out, in order. Made for messages
 * that are looked at only; owned by its maker. */
#ifndef CLEANUP_INSPECT_BODY_H
#define CLEANUP_INSPECT_BODY_H

#include "lib/mail/mime_walk.h"

#include "cleanup/inspection.h"

struct inspect_body;

struct inspect_body_settings {
	struct inspection *inspection;
	struct mime_limits limits;
	bool is_plain;        /* no parts are looked for */
	size_t field_maximum; /* bytes of a field that are looked at */
	size_t line_maximum;  /* longer lines are looked at in pieces */
	size_t text_maximum;  /* bytes of a part that are looked at */
	/* Takes what comes out; false: no more is wanted. */
	bool (*sink)(void *owner, struct span run);
	void *owner;
};

struct inspect_body *inspect_body_create(
    const struct inspect_body_settings *settings);
/* NULL is allowed. */
void inspect_body_destroy(struct inspect_body *body);

/* The header of the message, of which nothing comes out: it says what parts
 * there are. False, like the next two: the sink has, or parts are nested too
 * deep, which refuses the message. */
bool inspect_body_header(struct inspect_body *body, struct span run) MUST_USE;
/* Fields of it that had no room, which the body begins with. */
bool inspect_body_spilled(struct inspect_body *body, struct span run) MUST_USE;
bool inspect_body_feed(struct inspect_body *body, struct span run) MUST_USE;
/* No more content comes. */
bool inspect_body_end(struct inspect_body *body) MUST_USE;

#endif
