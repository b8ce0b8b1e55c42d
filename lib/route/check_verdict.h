/* SPDX-License-Identifier: MIT */
/* What a row of header_checks or body_checks says: "REJECT 5.7.1 go away".
 * Pure; borrows from the value. */
#ifndef ROUTE_CHECK_VERDICT_H
#define ROUTE_CHECK_VERDICT_H

#include "lib/base/span.h"

enum check_action {
	CHECK_DUNNO,
	CHECK_REJECT,
	CHECK_DISCARD,
	CHECK_HOLD,
	CHECK_REDIRECT, /* text: an address */
	CHECK_BCC,      /* text: an address */
	CHECK_FILTER,   /* text: a transport and its next hop */
	CHECK_PREPEND,  /* text: a line */
	CHECK_REPLACE,  /* text: a line */
	CHECK_IGNORE,
	CHECK_STRIP,
	CHECK_WARN,
	CHECK_INFO,
	CHECK_PASS,
	CHECK_UNKNOWN, /* text: the whole value */
	CHECK_ACTIONS
};

struct check_verdict {
	enum check_action action;
	struct span text; /* behind the action */
};

struct check_verdict check_verdict_parse(struct span value);

/* The word in log lines ("reject"); empty: the action is not logged. */
const char *check_verdict_word(enum check_action action);

#endif
