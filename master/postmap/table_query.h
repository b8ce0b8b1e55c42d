/* SPDX-License-Identifier: MIT */
/* Asking tables and listing them, for postmap and postalias. */
#ifndef POSTMAP_TABLE_QUERY_H
#define POSTMAP_TABLE_QUERY_H

#include "lib/base/error.h"
#include "lib/table/table.h"

struct table_query {
	struct table **tables;  /* ends with NULL */
	const char *key;        /* "-": keys come from standard input */
	unsigned message_parts; /* of message_query.h: it is a message */
	bool value_is_base64;   /* values are shown decoded */
	bool check_utf8;        /* a key that is not UTF-8 is not found */
};

/* Prints what was found. The result is the program's exit status: 0, or 1 when
 * nothing was found or, with *error set, something failed. */
int table_query_run(const struct table_query *query, struct error *error);

/* Prints all entries; false: *error says why not all. */
bool table_query_list(
    const struct table_query *query, struct error *error) MUST_USE;

#endif
