/* SPDX-License-Identifier: MIT */
/* The flight recorder: a memory file shared with master, one slot per session
 * or job, written before hostile bytes are read. When the process dies by a
 * signal master logs the slots in use, so the message or client that did it is
 * known.
 *
 * The slots are FLIGHT_SLOTS structs from offset 0; a slot is in use when
 * `what` is not empty. */
#ifndef DAEMON_FLIGHT_H
#define DAEMON_FLIGHT_H

#include "lib/base/error.h"
#include "lib/base/span.h"

enum {
	FLIGHT_SLOTS = 1024
};

struct flight_slot {
	char what[16];    /* "session", "deliver": NUL-terminated */
	char subject[48]; /* queue id or client address: NUL-terminated */
};

/* For master: a new recorder's descriptor, or -1; and what a dead process left
 * in it, as "what subject, what subject". */
int flight_create(struct error *error) MUST_USE;
void flight_describe(int fd, char *text, size_t size);

/* For daemons: maps the descriptor, which it closes. Without it recording does
 * nothing. */
bool flight_open(int fd, struct error *error) MUST_USE;
/* Takes a free slot; NULL when all are taken, which the others accept. */
struct flight_slot *flight_begin(const char *what, struct span subject);
void flight_change(struct flight_slot *slot, struct span subject);
void flight_end(struct flight_slot *slot);

#endif
