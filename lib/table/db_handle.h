/* SPDX-License-Identifier: MIT */
/* One Berkeley DB file and the private environment around it, embedded in its
 * owner. The environment's home is the directory of the file: the library looks
 * for DB_CONFIG there and nowhere else (CVE-2017-10140). It holds a cache and
 * no lock, log or shared file. */
#ifndef TABLE_DB_HANDLE_H
#define TABLE_DB_HANDLE_H

#include <db.h>

#include "lib/base/error.h"
#include "lib/base/span.h"

struct db_handle {
	DB_ENV *environment; /* NULL: closed */
	DB *db;
};

struct db_handle_request {
	const char *path;
	DBTYPE type;
	uint32_t flags; /* of DB->open */
	uint32_t cache; /* bytes */
};

/* On failure the handle is closed. A directory in which strangers may write is
 * refused: they could plant a DB_CONFIG. */
bool db_handle_open(struct db_handle *handle,
    const struct db_handle_request *request, struct error *error) MUST_USE;
/* Writes what is cached, unless it was opened for reading only. False when that
 * failed; the handle is closed all the same. */
bool db_handle_close(struct db_handle *handle, struct error *error);

/* Sets *error from a number that the library returned; false. */
bool db_handle_error(struct error *error, int number, const char *action);

#endif
