/* SPDX-License-Identifier: MIT */
/* Lookup tables, "type:argument": one interface over database files, text
 * files, patterns, constants, servers and the user database. A table belongs to
 * whoever opened it and is used by one thread at a time. */
#ifndef TABLE_TABLE_H
#define TABLE_TABLE_H

#include "lib/base/buf.h"
#include "lib/base/error.h"
#include "lib/param/warnings.h"

struct table;

/* The numbers are those of enum lookup_result_code (lib/ipc). */
enum table_result {
	TABLE_NOT_FOUND, /* asked completely; there is no such key */
	TABLE_FOUND,
	TABLE_TRY_AGAIN /* no answer: neither of the others may be assumed */
};

struct table_options {
	bool keep_case; /* keys are not turned into lower case */
	/* A table that cannot be opened now answers TABLE_TRY_AGAIN with the
	 * reason, which is a warning, until it can. An unknown type is refused
	 * all the same. */
	bool open_later;
	/* The users of unix:passwd.byname, a file of passwd(5) lines that must
	 * outlive the table; NULL: those of the system. */
	const char *passwd_path;
	/* What a text file has that is no entry; may be NULL, not kept. */
	struct warnings *warnings;
	/* Milliseconds that a server may take for an answer; 0: ten seconds. */
	int64_t timeout;
	/* Counts the tables that open_later has left closed; may be NULL, not
	 * kept. */
	size_t *closed;
	/* Gets the traits of what is opened added; may be NULL, not kept. */
	unsigned *traits;
	unsigned nesting; /* of tables in tables; the caller leaves it 0 */
};

enum table_trait {
	TABLE_RAW_KEY = 1, /* gets keys with their capital letters */
	/* Looks at a key as a whole (patterns): asking for parts of addresses,
	 * or parents of domains, would find what nobody meant. */
	TABLE_WHOLE_KEY = 2,
	TABLE_BLOCKS = 4 /* asks others, who may take their time */
};

enum {
	TABLE_KEY_MAXIMUM = 65535 /* bytes; longer ones get TABLE_TRY_AGAIN */
};

/* `name` is "type:argument"; "proxy:" before it is ignored, a name without type
 * is a file of `default_type` ("hash"; NULL: refused). `options` may be NULL.
 * NULL is a failure: ERROR_INVALID for a name that will never work. */
struct table *table_open(struct span name, const char *default_type,
    const struct table_options *options, struct error *error) MUST_USE;
/* NULL is allowed. */
void table_close(struct table *table);

/* Puts what the table has for `key` into *value, which is emptied first;
 * *error has the words of TABLE_TRY_AGAIN. An empty key and one with a NUL are
 * never found. */
enum table_result table_get(struct table *table, struct span key,
    struct buf *value, struct error *error) MUST_USE;

/* Calls visit(owner, key, value) for all entries, in no order, with the bytes
 * as they are stored (perhaps a NUL at the end), until it returns false. False
 * then too, or when the table cannot say what it has. */
bool table_walk(struct table *table,
    bool (*visit)(void *owner, struct span key, struct span value), void *owner,
    struct error *error) MUST_USE;

/* Whether the file behind it is no longer the one that was opened. A file that
 * has vanished has not changed: its replacement may be on the way. */
bool table_has_changed(const struct table *table);
/* Opens it anew; on failure the table is what it was before. */
bool table_reopen(struct table *table, struct error *error) MUST_USE;

/* enum table_trait, as far as they are known of a table that is not open. */
unsigned table_traits(const struct table *table);

/* "type:argument", for messages; lives as long as the table. */
const char *table_name(const struct table *table);

/* The name of the i-th type that table_open knows, or NULL. */
const char *table_type(size_t i);

#endif
