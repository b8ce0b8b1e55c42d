/* SPDX-License-Identifier: MIT */
/* All parameters that programs of the suite declare: one set per params.def in
 * the tree (CMake finds them) and the common one. */
#ifndef POSTCONF_CATALOGUE_H
#define POSTCONF_CATALOGUE_H

#include "lib/param/param.h"

/* Ends with NULL; fit for param_source.sets. The specs' offsets mean nothing.
 */
const struct param_set *const *catalogue_sets(void);

/* NULL when no program declares the name. */
const struct param_spec *catalogue_find(struct span name);

/* Whether a program honours the name: it declares it or, for a per-service name
 * such as relay_destination_recipient_limit, the default of all services. */
bool catalogue_honours(struct span name);

/* Whether a program honours it or Postfix has it. */
bool catalogue_knows(struct span name);

/* The default as it is written; NULL when nobody knows the name or its value
 * is computed. */
const char *catalogue_default(struct span name);

/* Whether its $names mean something at use only, so that nobody expands it. */
bool catalogue_is_raw(struct span name);

/* A name that `name` may be a misspelling of, or NULL. */
const char *catalogue_nearest(struct span name);

#endif
