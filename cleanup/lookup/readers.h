/* SPDX-License-Identifier: MIT */
/* The tables as the process uses them: one set for the loop, and a few more for
 * questions that may block (the user database), which are asked in threads. All
 * are opened at the start and opened anew when a file has changed. */
#ifndef CLEANUP_LOOKUP_READERS_H
#define CLEANUP_LOOKUP_READERS_H

#include "cleanup/lookup/tables.h"

bool readers_open(struct error *error) MUST_USE;
/* For the sandbox: what may be opened anew, and the user database. */
void readers_need_files(void);
/* From now on watches the tables. */
void readers_begin(void);

/* The users of an instance that belongs to one user; NULL: those of the system.
 */
const char *readers_passwd_path(void);

/* Runs job(tables, argument) in a thread, with tables that nobody else uses
 * meanwhile; waits until there are some. In a coroutine. */
void readers_run(
    void (*job)(struct tables *tables, void *argument), void *argument);

/* The same, but here and now with the loop's own tables when none of them asks
 * anybody who may take his time. */
void readers_ask(
    void (*job)(struct tables *tables, void *argument), void *argument);

#endif
