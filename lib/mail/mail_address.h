/* SPDX-License-Identifier: MIT */
/* A mail address in internal form: no quotes and no backslashes; what stands
 * before the last '@' is the local part, what follows is the domain. A value
 * whose spans borrow from one text; the empty text is the null address. */
#ifndef MAIL_MAIL_ADDRESS_H
#define MAIL_MAIL_ADDRESS_H

#include "lib/base/buf.h"
#include "lib/base/pool.h"

/* Longest internal form that a parser of ours lets through. */
enum {
	MAIL_ADDRESS_MAXIMUM = 1024
};

struct mail_address {
	struct span text; /* the whole; empty for <> */
	struct span local;
	struct span domain; /* empty when there is no '@' */
};

/* Borrows from `text`. */
struct mail_address mail_address_split(struct span text);

static inline bool
mail_address_is_null(const struct mail_address *address)
{
	return address->text.len == 0;
}

/* Appends the external form of RFC 5321 (4.1.2 Mailbox): the local part is put
 * in quotes when it is no Dot-string. A text without '@' is a local part; the
 * null address adds nothing. False when the buffer is at its maximum. */
bool mail_address_append_quoted(struct buf *out, struct span text);
/* As above between '<' and '>', for MAIL FROM and RCPT TO. */
bool mail_address_append_path(struct buf *out, struct span text);
/* The external form in `pool`; NULL when the pool is at its maximum. */
const char *mail_address_quote(struct pool *pool, struct span text) MUST_USE;

/* A copy of `text` with ASCII letters in lower case, for table keys; false
 * when the pool is at its maximum. */
bool mail_address_fold(
    struct pool *pool, struct span text, struct span *folded) MUST_USE;

/* What separates the user from its extension (recipient_delimiter): *user and
 * *extension are the parts of `local` before and behind the first byte out of
 * `delimiters`. False when there is none, when it comes first, or for the
 * names mailer-daemon, double-bounce and postmaster, which have none. */
bool mail_address_split_extension(struct span local, const char *delimiters,
    struct span *user, struct span *extension);

#endif
