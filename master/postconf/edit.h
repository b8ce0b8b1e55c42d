/* SPDX-License-Identifier: MIT */
/* Changes settings in the text of main.cf. Comments, order and everything else
 * stay as they are. */
#ifndef POSTCONF_EDIT_H
#define POSTCONF_EDIT_H

#include "lib/base/buf.h"
#include "lib/base/error.h"

enum edit_kind {
	EDIT_KIND_SET,    /* name=value */
	EDIT_KIND_REMOVE, /* a name: its settings go */
	EDIT_KIND_COMMENT /* a name: its settings become comments */
};

struct edit {
	enum edit_kind kind;
	struct span name;
	struct span value; /* to set */
	bool is_done;      /* set by edit_apply */
};

/* Parses "name=value" or "name = value" of one line, or the name alone; *edit
 * points into `setting`. */
bool edit_parse(enum edit_kind kind, struct span setting, struct edit *edit,
    struct error *error) MUST_USE;

/* Appends the changed `main_cf` to *out: the first entry of each name gets its
 * new value, further ones go, new names are added at the end. */
bool edit_apply(struct span main_cf, struct edit *edits, size_t count,
    struct buf *out, struct error *error) MUST_USE;

#endif
