/* SPDX-License-Identifier: MIT */
/* The tables that look at the content of messages: header_checks,
 * mime_header_checks, nested_header_checks and body_checks, or those of the
 * SMTP client. Owned by whoever opened them. */
#ifndef ROUTE_CONTENT_CHECKS_H
#define ROUTE_CONTENT_CHECKS_H

#include "lib/route/check_verdict.h"
#include "lib/table/table_list.h"

enum check_kind {
	CHECK_HEADER,        /* of the message */
	CHECK_MIME_HEADER,   /* fields about content, wherever they are */
	CHECK_NESTED_HEADER, /* of messages in the message */
	CHECK_BODY,
	CHECK_KINDS
};

struct content_checks {
	struct table_list *tables[CHECK_KINDS];
};

struct content_checks_source {
	const char *names[CHECK_KINDS]; /* of the parameters */
	const char *texts[CHECK_KINDS]; /* their values */
	const char *default_type;
	const struct table_options *options;
};

/* False: failure, nothing is open. */
bool content_checks_open(struct content_checks *checks,
    const struct content_checks_source *source, struct error *error) MUST_USE;
void content_checks_close(struct content_checks *checks);

bool content_checks_have_changed(
    const struct content_checks *checks, const char **name);

/* Whether there is a table of that kind. */
bool content_checks_have(
    const struct content_checks *checks, enum check_kind kind);

/* The kind of a field called `name`, in the header of the message or of a part
 * (CHECK_MIME_HEADER) or of a message in it. */
enum check_kind content_checks_kind(enum check_kind where, struct span name);

/* What the tables say about `line`, a field with LF between its lines or a
 * line of the body, without its end; CHECK_DUNNO when nothing. The text of
 * *verdict borrows from *value. False: a table failed. */
bool content_checks_find(struct content_checks *checks, enum check_kind kind,
    struct span line, struct buf *value, struct check_verdict *verdict,
    struct error *error) MUST_USE;

#endif
