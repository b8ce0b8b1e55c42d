/* SPDX-License-Identifier: MIT */
/* Paths of RFC 5321 4.1.2 as they follow MAIL FROM: and RCPT TO:, parsed into
 * the internal form of an address. Source routes are dropped. */
#ifndef MAIL_PATH_H
#define MAIL_PATH_H

#include "lib/base/error.h"
#include "lib/mail/mail_address.h"

enum path_flags {
	PATH_NULL = 1,    /* <> is an address (MAIL FROM) */
	PATH_LENIENT = 2, /* no angle brackets, blanks inside them, a dot at the
			   * end of the domain (strict_rfc821_envelopes = no) */
	PATH_UTF8 = 4     /* bytes above 127 are UTF-8 (RFC 6531) */
};

/* Parses one path at the start of *rest and takes it out, so that blanks and
 * parameters are left, or nothing. The address lives in `pool`. An address
 * without domain is accepted: whether it may be anything but postmaster is
 * policy. False: ERROR_INVALID, or ERROR_LIMIT when the pool or
 * MAIL_ADDRESS_MAXIMUM is reached; *rest is then unchanged. Linear in the text.
 */
bool path_parse(struct pool *pool, struct span *rest, unsigned flags,
    struct mail_address *address, struct error *error) MUST_USE;

/* The whole of `text` is one path, with blanks around it or none; with
 * PATH_NULL no text at all is the null address. For the command line (sendmail
 * -f) and for tables. */
bool path_parse_whole(struct pool *pool, struct span text, unsigned flags,
    struct mail_address *address, struct error *error) MUST_USE;

#endif
