/* SPDX-License-Identifier: MIT */
/* Sends the transcript of a session to postmaster, through cleanup; for
 * programs with that edge. */
#ifndef DAEMON_TRANSCRIPT_MAIL_H
#define DAEMON_TRANSCRIPT_MAIL_H

#include "lib/base/buf.h"
#include "lib/log/log.h"

struct transcript_mail {
	struct span program; /* "SMTP server": which of ours had the session */
	struct span peer;    /* "name[address]": with whom */
	struct span text;    /* as struct transcript has it */
	bool is_cut;         /* more was said than the text has */
	uint32_t omitted;    /* transcripts that were not sent before this */
	struct span to;
};

/* Appends the message; `system` is mail_name. What `text` has outside printable
 * ASCII becomes '?', whoever made it. */
void transcript_mail_compose(
    struct buf *out, const char *system, const struct transcript_mail *mail);

/* Submits it from double_bounce_sender and logs the id, or why it was not sent,
 * in `context` (or NULL). In a coroutine. */
void transcript_mail_send(
    const struct transcript_mail *mail, const struct log_context *context);

#endif
