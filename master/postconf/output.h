/* SPDX-License-Identifier: MIT */
/* How postconf writes a setting: "name = value" with one blank between the
 * words of the value, perhaps folded, or a JSON object. */
#ifndef POSTCONF_OUTPUT_H
#define POSTCONF_OUTPUT_H

#include "lib/base/buf.h"

#define OUTPUT_INDENT "    " /* before what was folded */

struct output {
	struct buf *out;
	bool is_folded;     /* -f */
	bool is_value_only; /* -h */
	bool is_name_only;  /* -H */
	bool is_json;       /* -j */
};

/* A line being written word by word. */
struct output_line {
	struct buf *out;
	size_t most;  /* columns when it is folded, or 0 */
	size_t width; /* so far */
};

enum {
	OUTPUT_WIDTH = 80,        /* of settings, as Postfix folds them */
	OUTPUT_SERVICE_WIDTH = 79 /* of lines of master.cf */
};

/* Appends the word behind a blank, or, when folding is on and it would not fit,
 * on a line of its own; `breaks` asks for one in any case. */
void output_word(struct output_line *line, struct span word, bool breaks);

/* One setting with its line end. */
void output_setting(
    const struct output *output, struct span name, struct span value);

/* Appends `"name": "value"`, behind a comma unless it is the first of an
 * object. */
void output_member(
    struct buf *out, const char *name, struct span value, bool is_first);

#endif
