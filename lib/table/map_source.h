/* SPDX-License-Identifier: MIT */
/* The text that tables are made of: entries "key white-space value", one per
 * logical line (lib/param/logical_line.h). Embedded in its reader, who calls
 * map_source_finish. */
#ifndef TABLE_MAP_SOURCE_H
#define TABLE_MAP_SOURCE_H

#include "lib/param/logical_line.h"

struct map_source {
	struct logical_line_reader reader;
	struct buf line;
};

struct map_entry {
	struct span key;
	struct span value;
	unsigned line; /* number of its first physical line */
};

enum map_source_result {
	MAP_SOURCE_ENTRY,
	MAP_SOURCE_END,
	MAP_SOURCE_BAD /* this line is no entry; others may follow */
};

/* A reader of entries: map_source_next or alias_source_next. */
typedef enum map_source_result (*map_source_reader)(
    struct map_source *source, struct map_entry *entry, struct error *error);

/* `file` is a label for messages; it and `text` must outlive the source. */
void map_source_init(
    struct map_source *source, const char *file, struct span text);
void map_source_finish(struct map_source *source);

/* The entry's spans are valid until the next call. Double quotes in the key
 * protect white space ("john doe"@example.com) and belong to it. With BAD
 * *error begins with file and line. */
enum map_source_result map_source_next(struct map_source *source,
    struct map_entry *entry, struct error *error) MUST_USE;

/* For readers of other syntaxes: the next logical line in source->line, and
 * the words for a bad one. MAP_SOURCE_ENTRY is success. */
enum map_source_result map_source_take_line(
    struct map_source *source, struct error *error) MUST_USE;
enum map_source_result map_source_refuse(
    const struct map_source *source, struct error *error, const char *words);

#endif
