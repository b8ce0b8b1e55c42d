/* SPDX-License-Identifier: MIT */
/* One SMTP command line (RFC 5321 4.1): verb and arguments. Everything borrows
 * from the line but addresses, which live in the caller's pool. */
#ifndef MAIL_COMMAND_H
#define MAIL_COMMAND_H

#include "lib/base/error.h"
#include "lib/mail/path.h"
#include "lib/mail/verb.h"

struct command {
	enum verb verb;
	struct span word; /* the verb as sent */
	struct span rest; /* behind it, without blanks at either end */
};

/* `line` is without its line end. An empty line is VERB_UNKNOWN. */
struct command command_parse(struct span line);

struct command_parameter {
	struct span name;  /* letters, digits, '-' */
	struct span value; /* empty when there is no '=' */
};

enum {
	COMMAND_PARAMETERS_MAXIMUM = 16
};

struct command_path {
	struct mail_address address;
	struct command_parameter parameters[COMMAND_PARAMETERS_MAXIMUM];
	unsigned parameter_count;
};

enum command_result {
	COMMAND_OK,
	COMMAND_BAD_SYNTAX, /* no FROM: or TO: */
	COMMAND_BAD_ADDRESS,
	COMMAND_BAD_PARAMETER /* malformed, twice, or too many */
};

/* Parses "FROM:<path> name=value ..." or, with `keyword` "TO", the same for
 * RCPT; `path_flags` as in path.h. `error` has the words for a log line, and
 * the kind ERROR_LIMIT when the pool, the address or the parameters reached
 * their maximum. */
enum command_result command_parse_path(struct pool *pool, struct span rest,
    struct span keyword, unsigned path_flags, struct command_path *path,
    struct error *error) MUST_USE;

/* The value of parameter `name`, whatever its case; false when absent. */
bool command_find_parameter(
    const struct command_path *path, struct span name, struct span *value);

/* "size" or "size LAST" behind BDAT (RFC 3030). */
bool command_parse_bdat(struct span rest, uint64_t *size, bool *last) MUST_USE;

/* The name behind HELO or EHLO: the first word, printable ASCII or UTF-8; false
 * when there is none or it has control characters. */
bool command_parse_hello(struct span rest, struct span *name) MUST_USE;

#endif
