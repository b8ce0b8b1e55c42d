/* SPDX-License-Identifier: MIT */
/* The text of alias files: entries "name: value, value", one per logical line.
 * Read with the structs of map_source.h. */
#ifndef TABLE_ALIAS_SOURCE_H
#define TABLE_ALIAS_SOURCE_H

#include "lib/table/map_source.h"

/* As map_source_next. The key is the name without its quotes and backslashes;
 * the value is kept as written (alias_value.h reads it). */
enum map_source_result alias_source_next(struct map_source *source,
    struct map_entry *entry, struct error *error) MUST_USE;

#endif
