/* SPDX-License-Identifier: MIT */
/* Parameters of delivery status notifications (RFC 3461) as they come with MAIL
 * and RCPT, and the words of RFC 3464. */
#ifndef MAIL_DSN_H
#define MAIL_DSN_H

#include "lib/base/buf.h"
#include "lib/base/pool.h"

/* A set of bits; 0 = not given. DSN_NEVER stands alone. */
enum dsn_notify {
	DSN_NEVER = 1,
	DSN_SUCCESS = 2,
	DSN_FAILURE = 4,
	DSN_DELAY = 8
};

enum dsn_return {
	DSN_RETURN_UNSET,
	DSN_RETURN_FULL,
	DSN_RETURN_HEADERS
};

enum dsn_action {
	DSN_FAILED,
	DSN_DELAYED,
	DSN_DELIVERED,
	DSN_RELAYED,
	DSN_EXPANDED,
	DSN_ACTION_COUNT
};

/* RFC 3461 4.4 and 5.2.1: longest ENVID and ORCPT as sent. */
enum {
	DSN_ENVID_MAXIMUM = 100,
	DSN_ORCPT_MAXIMUM = 500
};

/* "NEVER" or a list like "SUCCESS,DELAY"; also the -N words of sendmail. */
bool dsn_parse_notify(struct span text, unsigned *notify) MUST_USE;
/* "SUCCESS,FAILURE"; nothing for 0. */
bool dsn_append_notify(struct buf *out, unsigned notify);
/* "FULL" or "HDRS". */
bool dsn_parse_return(struct span text, enum dsn_return *dsn_return) MUST_USE;
const char *dsn_return_name(enum dsn_return dsn_return);

/* An envelope id is kept as it was sent, so this only tests it: xtext of
 * printable bytes within the maximum. */
bool dsn_envid_is_valid(struct span text);

/* "addr-type;xtext": *type is the type as written, *address the decoded text in
 * `pool`. False when malformed, when the address has control characters, or
 * when the pool is at its maximum. Without `utf8` what was sent has to be
 * ASCII; an address of type utf-8 (RFC 6533) may even so be none when decoded.
 */
bool dsn_parse_orcpt(struct pool *pool, struct span text, bool utf8,
    struct span *type, struct span *address) MUST_USE;
/* ORCPT as the queue has it, type;xtext, in the form "type;address"; empty when
 * there is none or it makes no sense. */
struct span dsn_decode_orcpt(struct pool *pool, struct span stored);

/* "failed", "delayed", ... */
const char *dsn_action_name(enum dsn_action action);

#endif
