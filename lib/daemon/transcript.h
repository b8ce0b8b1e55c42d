/* SPDX-License-Identifier: MIT */
/* What was said in an SMTP session, for postmaster: kept as long as it may
 * matter, and sent to him (transcript_mail.h) when something happened that is
 * of a class in notify_classes. Embedded in its session. */
#ifndef DAEMON_TRANSCRIPT_H
#define DAEMON_TRANSCRIPT_H

#include "lib/base/buf.h"

enum {
	TRANSCRIPT_MAXIMUM = 16 << 10 /* bytes; what is later is left out */
};

struct transcript {
	unsigned wanted;   /* enum notice_class; 0: nothing is kept */
	unsigned happened; /* of those */
	struct buf text;   /* printable lines that end with CRLF */
};

void transcript_init(struct transcript *transcript, unsigned wanted);
void transcript_finish(struct transcript *transcript);

/* A line that was received, without its end; one or more that were sent. */
void transcript_add_in(struct transcript *transcript, struct span line);
void transcript_add_out(struct transcript *transcript, struct span lines);
/* Something of these classes happened. */
void transcript_note(struct transcript *transcript, unsigned classes);
/* Another message begins: what was said is forgotten if nothing happened. */
void transcript_forget(struct transcript *transcript);
/* It was sent: everything is forgotten. */
void transcript_clear(struct transcript *transcript);

#endif
