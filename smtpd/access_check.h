/* SPDX-License-Identifier: MIT */
/* What each restriction checks, and the table of their names. Private to
 * access.c, which keeps the lists and walks them. */
#ifndef SMTPD_ACCESS_CHECK_H
#define SMTPD_ACCESS_CHECK_H

#include "lib/mail/reply.h"

#include "smtpd/directory.h"

struct session;

/* What is being decided. */
struct access_request {
	struct session *session;
	const char *state; /* of the log line: RCPT */
	struct span hello;
	struct span sender;
	struct span recipient;        /* empty before RCPT */
	struct directory_entry entry; /* of the recipient, once asked */
	bool has_entry;
	struct reply reply; /* set by whoever refuses */
};

enum access_result {
	ACCESS_DUNNO,
	ACCESS_PERMIT,
	ACCESS_REJECT
};

typedef enum access_result (*access_check)(struct access_request *request);

enum restriction_kind {
	KIND_PLAIN,
	KIND_CLOSES, /* refuses destinations that are not ours */
	KIND_WARN    /* turns the next one into a warning */
};

struct restriction {
	const char *name;
	access_check check;
	enum restriction_kind kind;
};

/* NULL when there is none of that name, which may be in any case. */
const struct restriction *restriction_find(struct span name);

/* The check of reject_unlisted_recipient, which also applies without being
 * listed. */
enum access_result restriction_check_listed(struct access_request *request);

#endif
