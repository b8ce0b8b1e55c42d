/* SPDX-License-Identifier: MIT */
/* What was said in a session, for postmaster: kept as long as it may matter,
 * and sent to him at the end of the session when something happened that is of
 * a class in notify_classes. Embedded in its session. */
#ifndef SMTPD_TRANSCRIPT_H
#define SMTPD_TRANSCRIPT_H

#include "lib/base/buf.h"
#include "lib/mail/reply.h"

enum {
	TRANSCRIPT_MAXIMUM = 16 << 10 /* bytes; what is later is left out */
};

struct transcript {
	unsigned wanted;   /* enum notice_class; 0: nothing is kept */
	unsigned happened; /* of those */
	struct buf text;
};

/* The class (enum notice_class) of what a reply says, or 0. */
unsigned transcript_class_of(const struct reply *reply);

void transcript_init(struct transcript *transcript, unsigned wanted);
void transcript_finish(struct transcript *transcript);

void transcript_add_command(struct transcript *transcript, struct span line);
/* `counts`: a problem that it tells of is one for postmaster. */
void transcript_add_reply(
    struct transcript *transcript, const struct reply *reply, bool counts);
/* Another message begins: what was said is forgotten if nothing happened. */
void transcript_forget(struct transcript *transcript);

/* Sends it if something happened; `client` is "name[address]". In a
 * coroutine. */
void transcript_send(const struct transcript *transcript, const char *client);

#endif
