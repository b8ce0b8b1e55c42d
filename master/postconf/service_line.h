/* SPDX-License-Identifier: MIT */
/* A line of master.cf as words, and how it is written. The words borrow from
 * the text. */
#ifndef POSTCONF_SERVICE_LINE_H
#define POSTCONF_SERVICE_LINE_H

#include "lib/base/buf.h"
#include "lib/param/master_cf.h"

#include "master/postconf/output.h"

enum service_field {
	SERVICE_NAME,
	SERVICE_TYPE,
	SERVICE_PRIVATE,
	SERVICE_UNPRIVILEGED,
	SERVICE_CHROOT,
	SERVICE_WAKEUP,
	SERVICE_PROCESS_LIMIT,
	SERVICE_COMMAND,
	SERVICE_FIELD_COUNT
};

struct service_line {
	struct span field[SERVICE_FIELD_COUNT]; /* the last with arguments */
};

/* "service", "type" ...; the number of a name, or SERVICE_FIELD_COUNT. */
const char *service_line_field_name(enum service_field field);
enum service_field service_line_find_field(struct span name);

/* False when there are fewer than eight words. */
bool service_line_split(struct span text, struct service_line *line);

enum service_word_kind {
	SERVICE_WORD_OPTION, /* -o name=value */
	SERVICE_WORD_FLAG,   /* -v */
	SERVICE_WORD_OTHER,  /* the program itself, and what follows options */
};

struct service_word {
	enum service_word_kind kind;
	struct span text; /* of a flag or another; a group without its braces */
	struct span name; /* of an option */
	struct span value; /* the same, as it is written */
};

/* Takes the words of a command one by one: *state begins as zero. */
bool service_line_next(
    struct span *rest, unsigned *state, struct service_word *word);
/* Appends one to a command, after a blank unless it is the first. */
void service_line_append_word(struct buf *out, const struct service_word *word);

/* How a value is written that -x has expanded; NULL functions change nothing.
 */
struct service_expansion {
	void (*append)(void *argument, struct span name, struct span value,
	    struct buf *out);
	void *argument;
};

/* Appends the command with its arguments normalised: one blank between them and
 * braces where a blank is inside. Folded, each -o has a line of its own. */
void service_line_append_command(struct span command,
    const struct service_expansion *expansion, struct output_line *line);

/* Appends the whole line, columns aligned as in a stock master.cf. */
void service_line_append(const struct service_line *line,
    const struct service_expansion *expansion, bool is_folded, struct buf *out);

#endif
