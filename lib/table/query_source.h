/* SPDX-License-Identifier: MIT */
/* The file that describes a table of a database: lines "name = value" as in
 * main.cf, without $-expansion. Belongs to whoever read it. */
#ifndef TABLE_QUERY_SOURCE_H
#define TABLE_QUERY_SOURCE_H

#include "lib/base/buf.h"
#include "lib/base/pool.h"
#include "lib/table/file_identity.h"
#include "lib/table/query_template.h"
#include "lib/table/table.h"

struct query_source {
	struct pool *pool;
	struct file_identity identity;
	char *path;
	struct hash *values;
	/* What all types have in common: */
	struct span query; /* also made of table, select_field, where_field,
			    * additional_conditions */
	struct span result_format;
	struct span domains;      /* empty: all */
	uint64_t expansion_limit; /* 0: none */
};

/* NULL: failure, the text names the file. */
struct query_source *query_source_read(const char *path,
    const struct table_options *options, struct error *error) MUST_USE;
/* NULL is allowed. */
void query_source_free(struct query_source *source);

/* Empty when it is not set. */
struct span query_source_value(
    const struct query_source *source, const char *name);

/* Appends the query for a key. TABLE_NOT_FOUND: nobody need be asked. */
enum table_result query_source_ask(const struct query_source *source,
    struct span key, void (*quote)(struct buf *out, struct span part),
    struct buf *query, struct error *error) MUST_USE;

/* Adds a value that the database gave to *result, formatted, with a comma in
 * front unless it is the first; *count is 0 at first. An empty one is none.
 * False: too many, or too long. */
bool query_source_add(const struct query_source *source, struct span key,
    struct span value, uint64_t *count, struct buf *result,
    struct error *error) MUST_USE;

#endif
