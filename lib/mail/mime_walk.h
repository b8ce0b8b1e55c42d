/* SPDX-License-Identifier: MIT */
/* Walks a message through its MIME structure (RFC 2045, 2046): content in
 * pieces of any size goes in, runs that say what they are come out. All runs
 * together are the content, byte for byte, in order. No recursion; one pass, in
 * time linear in the content; memory for one line's start, one field and the
 * boundaries that are open. Embedded in its owner, who calls mime_walk_finish.
 *
 * A line is a delimiter when it is two hyphens, an open boundary, perhaps two
 * hyphens more, and blanks; the innermost that matches counts. The line end
 * before it belongs to it. A header ends at an empty line, a line that is no
 * field, a delimiter, or the end of the content. */
#ifndef MAIL_MIME_WALK_H
#define MAIL_MIME_WALK_H

#include "lib/mail/mime_field.h"

enum {
	MIME_NESTING_MAXIMUM = 1000,  /* of mime_limits.nesting */
	MIME_BOUNDARY_MAXIMUM = 8192, /* of mime_limits.boundary */
	MIME_HEADS = 256
};

struct mime_limits {
	size_t nesting;  /* entities inside one another (mime_nesting_limit) */
	size_t boundary; /* bytes of a boundary that are looked at */
};

enum mime_run {
	MIME_RUN_HEADER,   /* fields, but for the next */
	MIME_RUN_ENCODING, /* Content-Transfer-Encoding */
	MIME_RUN_BODY,     /* of a leaf */
	MIME_RUN_FRAME     /* all between: the line that ends a header,
			    * delimiters, what stands before and behind parts */
};

/* The entity whose header came last; `kind` and what follows are known when the
 * header has ended. */
struct mime_entity {
	uint32_t number; /* 0, 1, 2, ... in the order of their headers */
	enum mime_kind kind;
	enum mime_encoding encoding;
	bool has_type;    /* Content-Type */
	bool has_version; /* MIME-Version */
	bool ended_empty; /* the header ended at an empty line */
};

/* Each may stop the walk by returning false. */
struct mime_events {
	bool (*run)(void *owner, enum mime_run kind, struct span bytes);
	/* Before the run with the empty line, if there is one. */
	bool (*header_end)(void *owner, const struct mime_entity *entity);
	/* Of a leaf; its last line may be without an end. */
	bool (*body_end)(void *owner);
	void *owner;
};

struct mime_level {
	uint32_t start; /* of the boundary */
	uint32_t len;   /* 0: a message, which no line ends */
	uint16_t below; /* the next level, counted from 1, with its head */
	bool is_cut;    /* the boundary was longer */
	bool is_digest;
};

struct mime_walk {
	struct mime_events events;
	struct mime_limits limits;
	struct mime_entity entity;
	bool is_too_deep; /* why the walk stopped, if no event did */

	/* private: */
	int mode;
	bool in_line; /* the start of the current line was looked at */
	bool is_stopped;
	enum mime_run line_run; /* of the rest of a header line */
	struct buf line;        /* a start of a line, not yet looked at */
	int field;              /* which field is being read */
	struct buf value;       /* of it */
	char held[2];           /* a line end that may belong to a delimiter */
	size_t held_len;
	struct buf boundary; /* of the entity */
	struct buf boundaries;
	size_t depth;
	uint16_t heads[MIME_HEADS]; /* levels by a check of their boundaries */
	struct mime_level levels[MIME_NESTING_MAXIMUM];
};

void mime_walk_init(struct mime_walk *walk, const struct mime_limits *limits,
    const struct mime_events *events);
void mime_walk_finish(struct mime_walk *walk);

/* False once the walk has stopped. */
bool mime_walk_feed(struct mime_walk *walk, struct span content) MUST_USE;
/* No more content comes. */
bool mime_walk_end(struct mime_walk *walk) MUST_USE;

#endif
