/* SPDX-License-Identifier: MIT */
/* Brings a put to disk as a file of its own, in the durable order. Private to
 * lib/queue: put.c calls it. */
#ifndef QUEUE_OWN_FILE_H
#define QUEUE_OWN_FILE_H

#include "lib/base/error.h"

struct put;

/* Writes what is in memory, creating the file first if there is none. */
bool own_file_write(struct put *put, struct error *error) MUST_USE;

/* The body has ended: writes all the rest and makes it durable. */
bool own_file_commit(struct put *put, struct error *error) MUST_USE;

/* Removes the file, if there is one. */
void own_file_abandon(struct put *put);

#endif
