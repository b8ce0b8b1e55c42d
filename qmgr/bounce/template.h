/* SPDX-License-Identifier: MIT */
/* The words of notices, built in or as in the file bounce_template_file:
 *
 *	failure_template = <<EOF
 *	Subject: Undelivered
 *
 *	Your mail to $myhostname ...
 *	EOF
 *
 * Blank lines and lines that begin with '#' stand between templates. Header
 * lines are optional. A template borrows from the text it was read from. */
#ifndef BOUNCE_TEMPLATE_H
#define BOUNCE_TEMPLATE_H

#include "lib/base/error.h"
#include "lib/param/expand.h"

enum template_kind {
	TEMPLATE_FAILURE,
	TEMPLATE_DELAY,
	TEMPLATE_SUCCESS,
	TEMPLATE_VERIFY,
	TEMPLATE_COUNT
};

struct template
{
	struct span charset;
	struct span from; /* a header value, as is */
	struct span subject;
	struct span postmaster_subject;
	struct span text; /* lines that end with LF or CRLF, not expanded */
	unsigned line;    /* number of its first line */
};

struct template_set {
	struct template of[TEMPLATE_COUNT];
};

enum {
	TEMPLATE_FILE_MAXIMUM = 1 << 20, /* bytes */
	TEMPLATE_LINE_MAXIMUM = 990,
	TEMPLATE_TEXT_MAXIMUM = 256 << 10 /* of a text, expanded */
};

extern const struct template_set template_builtin;

/* "failure_template" ... */
const char *template_name(enum template_kind kind);

/* Replaces those templates of *set that `file` has; what one of them leaves out
 * is as built in. At the first error *set is unchanged, and the words begin
 * with "line N: ". */
bool template_parse(
    struct template_set *set, struct span file, struct error *error) MUST_USE;

/* Appends the text with CRLF and with its $names expanded, each line on its
 * own. Fails on a name that names->find does not know, too (names->undefined is
 * not called). The error begins with "line N: ". */
bool template_expand(const struct template *template,
    const struct expand_names *names, struct buf *out,
    struct error *error) MUST_USE;

#endif
