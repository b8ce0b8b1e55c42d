/* SPDX-License-Identifier: MIT */
/* The types of tables whose files we make: how a new file is written. The
 * caller of these functions is table_writer.c. */
#ifndef TABLE_TABLE_FILE_H
#define TABLE_TABLE_FILE_H

#include "lib/base/error.h"
#include "lib/base/span.h"

struct table_file {
	const char *type;   /* "hash" */
	const char *suffix; /* of the file's name, behind that of the text */
	bool with_nul;      /* keys and values end with a NUL */

	/* A new, empty file; NULL: failure. */
	void *(*create)(const char *path, struct error *error);
	/* Stores the bytes. *duplicate says whether the key was there: then its
	 * value stays, unless `replace`. */
	bool (*add)(void *state, struct span key, struct span value,
	    bool replace, bool *duplicate, struct error *error);
	/* Writes what is not written; the state is gone in any case. */
	bool (*close)(void *state, struct error *error);
};

/* NULL: there are no files of this type, or we do not make them. */
const struct table_file *table_file_find(struct span type);

extern const struct table_file table_file_btree;
extern const struct table_file table_file_cdb;
extern const struct table_file table_file_hash;
extern const struct table_file table_file_lmdb;

#endif
