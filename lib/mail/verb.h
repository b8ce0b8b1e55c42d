/* SPDX-License-Identifier: MIT */
/* The verbs of SMTP that the suite has heard of. A table, no state. */
#ifndef MAIL_VERB_H
#define MAIL_VERB_H

#include "lib/base/span.h"

/* In the order in which the disconnect line counts them. */
enum verb {
	VERB_HELO,
	VERB_EHLO,
	VERB_LHLO,
	VERB_XCLIENT,
	VERB_XFORWARD,
	VERB_STARTTLS,
	VERB_AUTH,
	VERB_MAIL,
	VERB_RCPT,
	VERB_DATA,
	VERB_BDAT,
	VERB_RSET,
	VERB_NOOP,
	VERB_VRFY,
	VERB_EXPN,
	VERB_ETRN,
	VERB_QUIT,
	VERB_HELP,
	VERB_UNKNOWN,
	VERB_COUNT
};

/* Upper case, "UNKNOWN" for VERB_UNKNOWN. */
const char *verb_name(enum verb verb);

/* By name, whatever its case; VERB_UNKNOWN when it is none. */
enum verb verb_find(struct span name);

#endif
