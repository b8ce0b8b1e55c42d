/* SPDX-License-Identifier: MIT */
/* The one lexer for message content: raw bytes in, stored form out, which is
 * the wire form: CRLF line ends, no dot-stuffing, a final CRLF. Embedded in its
 * owner; no memory of its own.
 *
 * In DATA mode nothing but CRLF.CRLF ends the content, whatever the policy (the
 * CRLF of the DATA command counts as the first). A bare LF is stored as CRLF, a
 * bare CR as a blank, so that it can start no header of its own; with
 * CONTENT_BARE_REJECT the first of them stops the output instead, and the input
 * is read to its true end.
 *
 * Header and body: the first empty line is the first line of the body, so that
 * the content is exactly header followed by body. */
#ifndef MAIL_CONTENT_H
#define MAIL_CONTENT_H

#include "lib/mail/content_extent.h"

enum content_mode {
	CONTENT_DATA,     /* SMTP DATA: dots are unstuffed, CRLF.CRLF ends */
	CONTENT_CHUNKS,   /* SMTP BDAT: the caller knows the end */
	CONTENT_LOCAL,    /* standard input: LF or CRLF ends a line */
	CONTENT_LOCAL_DOT /* the same, and a line "." ends */
};

enum content_bare {
	CONTENT_BARE_REJECT,
	CONTENT_BARE_NORMALIZE
};

enum content_part {
	CONTENT_HEADER,
	CONTENT_BODY
};

/* Takes one run of stored form; the bytes are valid during the call only. Runs
 * are never empty. False: no more output is wanted for this message. */
typedef bool (*content_sink)(
    void *owner, enum content_part part, struct span run);

struct content_options {
	enum content_mode mode;
	enum content_bare bare;
	uint64_t maximum; /* of stored bytes; 0 = none */
	content_sink sink;
	void *owner; /* first argument of sink */
};

enum content_fault {
	CONTENT_GOOD,
	CONTENT_BARE,      /* 550 5.5.2 */
	CONTENT_TOO_LARGE, /* 552 5.3.4 */
	CONTENT_SINK       /* the sink returned false */
};

struct content {
	struct content_options options;
	struct content_extent header; /* measured on what was stored */
	struct content_extent body;
	uint64_t received; /* input bytes consumed, end of data included */
	uint64_t
	    discarded; /* stored-form bytes that went nowhere after a fault */
	enum content_fault fault; /* the first one; no output follows it */
	bool bare_lf;             /* seen, whatever the policy */
	bool bare_cr;
	bool final_crlf_added; /* the last line had no end */
	bool has_ended;        /* end of data was seen, or content_finish */

	/* private: */
	int state;
	bool in_body;
	bool line_is_empty; /* nothing of the current line was stored yet */
};

void content_init(
    struct content *content, const struct content_options *options);

/* Reads `input`, which may be cut anywhere; returns the number of bytes used.
 * That is all of them unless the end of data is found: has_ended is then set
 * and what is left belongs to the next command. */
size_t content_feed(struct content *content, struct span input);

/* No more input comes: end of the last BDAT chunk or of standard input. Adds a
 * final CRLF when the last line has none. A DATA mode content that has not
 * ended is incomplete and must not be kept. Harmless after the end. */
void content_finish(struct content *content);

/* Stored bytes of both extents. */
static inline uint64_t
content_size(const struct content *content)
{
	return content->header.size + content->body.size;
}

#endif
