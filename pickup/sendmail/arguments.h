/* SPDX-License-Identifier: MIT */
/* The command line of sendmail: what every program that ever called it may have
 * put there. Texts borrow from argv. */
#ifndef PICKUP_SENDMAIL_ARGUMENTS_H
#define PICKUP_SENDMAIL_ARGUMENTS_H

#include "lib/base/error.h"
#include "lib/mail/dsn.h"

enum arguments_mode {
	ARGUMENTS_MAIL,       /* queue a message from standard input */
	ARGUMENTS_SMTP,       /* -bs: speak SMTP on standard input and output */
	ARGUMENTS_LIST,       /* -bp, mailq */
	ARGUMENTS_ALIASES,    /* -bi, -I, newaliases */
	ARGUMENTS_DAEMON,     /* -bd, -bl, smtpd */
	ARGUMENTS_FLUSH,      /* -q */
	ARGUMENTS_FLUSH_ID,   /* -qI id */
	ARGUMENTS_FLUSH_SITE, /* -qR site */
	ARGUMENTS_NOTHING     /* -bh, -bH, -q interval */
};

enum arguments_body {
	ARGUMENTS_BODY_ANY,
	ARGUMENTS_BODY_7BIT,
	ARGUMENTS_BODY_8BIT
};

struct arguments {
	enum arguments_mode mode;
	const char *config;      /* -C: main.cf or its directory; or NULL */
	const char *sender;      /* -f, -r; or NULL */
	const char *full_name;   /* -F; or NULL */
	const char *envelope_id; /* -V, printable; or NULL */
	const char *aliases;     /* -oA; or NULL */
	const char *queue_key;   /* of -qI, -qR */
	unsigned notify;         /* -N; enum dsn_notify */
	enum dsn_return dsn_return;
	enum arguments_body body;
	bool from_header;        /* -t: recipients are in the header, too */
	bool dot_is_text;        /* -i: a line with a dot alone does not end */
	char *const *recipients; /* the other words */
	size_t recipient_count;
	const char *warning; /* something was passed over, or NULL */
};

/* `argv` ends with NULL; even the program's name may be missing. Options end at
 * the first word that is none, so no recipient can pose as one. On failure
 * *error says what is wrong with the command line (EX_USAGE). */
bool arguments_parse(
    struct arguments *arguments, char **argv, struct error *error) MUST_USE;

#endif
