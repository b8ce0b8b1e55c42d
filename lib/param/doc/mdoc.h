/* SPDX-License-Identifier: MIT */
/* Parameters as items of an mdoc(7) tag list, for the manual pages. */
#ifndef DOC_MDOC_H
#define DOC_MDOC_H

#include "lib/base/buf.h"
#include "lib/param/param.h"

/* Appends one ".It" with type, meaning, range and default. The list's .Bl and
 * .El are the page's. */
void mdoc_append_param(struct buf *out, const struct param_spec *spec);

/* Appends text with everything escaped that mdoc would take for its own. */
void mdoc_append_text(struct buf *out, const char *text);

#endif
