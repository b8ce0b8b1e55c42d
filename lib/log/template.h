/* SPDX-License-Identifier: MIT */
/* Fills the templates of events.def. Private to lib/log. */
#ifndef LOG_TEMPLATE_H
#define LOG_TEMPLATE_H

#include "lib/base/buf.h"
#include "lib/log/log.h"

/* Appends `template` with its fields; a field that was not given appears as
 * nothing. */
void template_fill(struct buf *out, const char *template,
    const struct log_field *fields, size_t count);

/* Appends the members of a JSON object, each followed by nothing and preceded
 * by a comma. */
void template_json(
    struct buf *out, const struct log_field *fields, size_t count);

#endif
