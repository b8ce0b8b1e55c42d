/* SPDX-License-Identifier: MIT */
/* A message while it is being taken in, from its first recipient to the moment
 * it is durable. What is given is not believed: content is brought to stored
 * form and measured here, whoever sends it. Embedded in its owner; all
 * functions run in a coroutine. */
#ifndef CLEANUP_DRAFT_H
#define CLEANUP_DRAFT_H

#include "lib/log/log.h"
#include "lib/mail/content.h"

#include "cleanup/envelope.h"
#include "cleanup/header_edit.h"
#include "cleanup/inspect_body.h"

struct draft {
	bool is_of_queue; /* qmgr needs it to get rid of another message */
	struct pool *pool;
	struct queue_id id;
	int64_t arrival; /* microseconds since 1970 */
	struct log_context log;
	struct message_begin begin; /* its texts live in the pool */
	struct writer writer;
	struct envelope envelope;
	struct content content;
	struct header_edit header;
	struct inspection inspection;
	struct inspect_body *inspect; /* NULL: nobody looks at the content */
	struct reply failure; /* why the message is lost; code 0: it is not */
};

/* Attaches the queue directories that master has given. */
bool draft_open_queue(struct error *error) MUST_USE;

/* A new message with an id of its own. */
void draft_begin(struct draft *draft);
/* After draft_commit: unlocks the message, which is qmgr's now. Otherwise
 * removes what was written. */
void draft_end(struct draft *draft);

/* Takes the payload of BEGIN; false when it is malformed. */
bool draft_set_origin(struct draft *draft, struct span begin) MUST_USE;

/* *reply is what has become of the recipient. */
void draft_add_recipient(struct draft *draft,
    const struct message_recipient *recipient, struct reply *reply);
void draft_add_content(struct draft *draft, struct span bytes);

/* All of it is here: completes the header and judges the message. False: it is
 * lost, and draft->failure says why. */
bool draft_close(struct draft *draft) MUST_USE;
/* True: it is durable and qmgr has been told. False as draft_close. */
bool draft_commit(struct draft *draft) MUST_USE;

#endif
