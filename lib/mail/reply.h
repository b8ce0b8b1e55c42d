/* SPDX-License-Identifier: MIT */
/* An SMTP reply with its enhanced status code (RFC 5321 4.2, RFC 3463): one
 * value from the client that reads it, through qmgr, to the bounce, and from
 * the checks of the server to the wire. */
#ifndef MAIL_REPLY_H
#define MAIL_REPLY_H

#include "lib/base/buf.h"

enum {
	REPLY_TEXT_SIZE = 512,
	REPLY_STATUS_SIZE = 12
};

struct reply_status {
	uint16_t class; /* 2, 4, 5; 0 when there is none */
	uint16_t subject;
	uint16_t detail;
};

struct reply {
	uint16_t code;
	struct reply_status status;
	char text[REPLY_TEXT_SIZE]; /* without codes; lines joined by LF */
};

/* `status` is "5.1.1", or NULL for none. Text that does not fit is cut. */
void reply_set(struct reply *reply, uint16_t code, const char *status,
    const char *format, ...) PRINTF_LIKE(4, 5);

/* "5.1.1" at the start of *text (RFC 3463: class 2, 4 or 5, numbers up to 999),
 * taken out with the blanks behind it; false, and nothing is taken, when there
 * is none. */
bool reply_parse_status(struct span *text, struct reply_status *status);
/* Writes "5.1.1" to `text` of REPLY_STATUS_SIZE bytes; returned for
 * convenience. */
const char *reply_format_status(struct reply_status status, char *text);
/* What the subject and detail of a status mean, in English; never NULL. */
const char *reply_status_meaning(struct reply_status status);

/* Appends the reply in wire form, each line with code and status. A line that
 * starts with a status of its own keeps it. */
bool reply_append(struct buf *out, const struct reply *reply);

/* Appends it in one line, "550 5.1.1 text", as for log lines and
 * "host said:"; control characters become '?', line ends blanks. */
bool reply_append_line(struct buf *out, const struct reply *reply);

static inline bool
reply_is_positive(const struct reply *reply)
{
	return reply->code / 100 == 2;
}

static inline bool
reply_is_temporary(const struct reply *reply)
{
	return reply->code / 100 == 4;
}

static inline bool
reply_is_permanent(const struct reply *reply)
{
	return reply->code / 100 == 5;
}

#endif
