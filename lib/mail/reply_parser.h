/* SPDX-License-Identifier: MIT */
/* Reads the replies of an SMTP server line by line. Embedded in its owner; a
 * zeroed struct is ready for a reply, and again after each complete one. */
#ifndef MAIL_REPLY_PARSER_H
#define MAIL_REPLY_PARSER_H

#include "lib/base/error.h"
#include "lib/mail/reply.h"

enum {
	REPLY_LINE_MAXIMUM = 2048, /* for the caller's line reader */
	REPLY_LINES_MAXIMUM = 256
};

struct reply_parser {
	unsigned lines; /* of this reply so far */
	size_t text_len;
};

enum reply_progress {
	REPLY_MORE,   /* another line follows */
	REPLY_DONE,   /* *reply is complete */
	REPLY_INVALID /* not SMTP: give the connection up; `error` says why */
};

/* `line` is without its line end. Fills *reply as lines come: all lines must
 * have one code (100 to 599); the text may be missing; what passes the size of
 * reply->text is dropped. The enhanced status is that of the first line if its
 * class agrees with the code. *text, if not NULL, is the line behind the code
 * (for EHLO keywords). */
enum reply_progress reply_parser_line(struct reply_parser *parser,
    struct span line, struct reply *reply, struct span *text,
    struct error *error) MUST_USE;

#endif
