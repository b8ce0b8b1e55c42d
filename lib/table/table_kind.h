/* SPDX-License-Identifier: MIT */
/* What a type of table provides to table.c, which knows them all by name. The
 * state belongs to the type, the caller of its functions is table.c alone. */
#ifndef TABLE_TABLE_KIND_H
#define TABLE_TABLE_KIND_H

#include "lib/table/table.h"

struct table_kind {
	const char *name;
	unsigned traits; /* enum table_trait, of all tables of this type */
	/* NULL: failure. `argument` is NUL-terminated. */
	void *(*open)(const char *argument, const struct table_options *options,
	    struct error *error);
	/* As table_get; `key` is folded, unless the traits say other, and
	 * followed by a NUL, *value is empty. */
	enum table_result (*get)(void *state, struct span key,
	    struct buf *value, struct error *error);
	/* As table_walk; NULL: the type cannot. */
	bool (*walk)(void *state,
	    bool (*visit)(void *owner, struct span key, struct span value),
	    void *owner, struct error *error);
	/* NULL: never changes. */
	bool (*has_changed)(const void *state);
	/* More traits, of this table; may be NULL. */
	unsigned (*traits_of)(const void *state);
	void (*close)(void *state);
};

extern const struct table_kind table_cdb_kind;
extern const struct table_kind table_compound_pipe;
extern const struct table_kind table_compound_random;
extern const struct table_kind table_compound_union;
extern const struct table_kind table_db_hash;
extern const struct table_kind table_db_btree;
extern const struct table_kind table_server_socketmap;
extern const struct table_kind table_server_tcp;
extern const struct table_kind table_text_map;
extern const struct table_kind table_sqlite_kind;
extern const struct table_kind table_text_aliases;
extern const struct table_kind table_constant_static;
extern const struct table_kind table_constant_inline;
extern const struct table_kind table_constant_fail;
extern const struct table_kind table_constant_environ;
extern const struct table_kind table_lmdb_kind;
extern const struct table_kind table_passwd_kind;
extern const struct table_kind table_rules_cidr;
extern const struct table_kind table_rules_pcre;
extern const struct table_kind table_rules_regexp;

#endif
