/* SPDX-License-Identifier: MIT */
/* What header and body checks do to a message: lines are replaced, taken out or
 * added while it comes, and it may be refused, thrown away, held or sent to
 * others in the end. Embedded in its owner, who acts on the outcome; the body
 * is inspect_body.h's. */
#ifndef CLEANUP_INSPECTION_H
#define CLEANUP_INSPECTION_H

#include "lib/base/pool.h"
#include "lib/ipc/messages.h"
#include "lib/log/log.h"
#include "lib/mail/reply.h"
#include "lib/route/content_checks.h"

struct inspection_copy {
	struct span address;
	const struct inspection_copy *older;
};

/* Whom log lines name. */
struct inspection_subject {
	const struct log_context *log;
	const struct message_begin *begin;
	struct span sender;
	struct span recipient; /* the last one so far */
};

struct inspection {
	struct content_checks *checks; /* NULL: nothing is looked at */
	struct pool *pool;
	struct inspection_subject subject;

	/* The outcome so far. */
	struct reply refusal; /* code 0: none */
	bool is_discarded;
	bool is_held;
	struct span redirect; /* empty: nobody gets it instead */
	const struct inspection_copy *copies; /* newest first */
	bool is_over; /* what follows is not looked at */

	struct buf value; /* of a table; private */
	struct buf line;  /* as it is asked for; private */
};

/* All of it outlives the inspection. */
void inspection_init(struct inspection *inspection,
    struct content_checks *checks, struct pool *pool);
void inspection_finish(struct inspection *inspection);

/* Appends to *out what becomes of a field, given with its line ends, or of a
 * line of the body or a part of one, which has `end` behind it. False: *out is
 * at its maximum. */
bool inspection_field(struct inspection *inspection, enum check_kind where,
    struct span field, struct buf *out) MUST_USE;
bool inspection_line(struct inspection *inspection, struct span line,
    struct span end, struct buf *out) MUST_USE;

/* All fields of a header block, up to the first line that is none. A block that
 * would pass its maximum stays. */
void inspection_header(struct inspection *inspection, struct buf *block);

#endif
