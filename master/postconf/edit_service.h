/* SPDX-License-Identifier: MIT */
/* Changes services in the text of master.cf: whole lines, their fields, and the
 * parameters that they set with -o. Comments, order and the lines of other
 * services stay as they are. */
#ifndef POSTCONF_EDIT_SERVICE_H
#define POSTCONF_EDIT_SERVICE_H

#include "lib/base/error.h"

#include "master/postconf/edit.h"
#include "master/postconf/service_line.h"
#include "master/postconf/service_pattern.h"

enum edit_target {
	EDIT_TARGET_LINE,     /* -M */
	EDIT_TARGET_FIELD,    /* -F; to set only */
	EDIT_TARGET_PARAMETER /* -P; to set or remove */
};

struct edit_service {
	enum edit_target target;
	enum edit_kind kind;
	struct service_pattern pattern;
	struct span value; /* to set */
	const char *text;  /* the request, for messages */
	bool has_matched;  /* set by edit_service_apply */
};

/* Parses "service/type=line", "service/type/field=value" and the like; the
 * value only when it is to be set. *edit points into `text`. */
bool edit_service_parse(enum edit_target target, enum edit_kind kind,
    const char *text, struct edit_service *edit, struct error *error) MUST_USE;

/* Appends the changed `master_cf` to *out; a service that is new is added at
 * the end. Fails when what it would make is no line of master.cf. */
bool edit_service_apply(struct span master_cf, struct edit_service *edits,
    size_t count, struct buf *out, struct error *error) MUST_USE;

#endif
