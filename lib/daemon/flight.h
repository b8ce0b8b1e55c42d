/* SPDX-License-Identifier: MIT */
/* The flight recorder: a memory file shared with master, one slot per session
 * or job, written before hostile bytes are read. When the process dies by a
 * signal master logs the slots in use, so the message or client that did it is
 * known, and remembers them (master/suspects.h).
 *
 * The slots are FLIGHT_SLOTS structs from offset 0; a slot is in use when
 * `what` is not empty. Behind them is the number plus 1 of the system call that
 * the sandbox refused last. */
#ifndef DAEMON_FLIGHT_H
#define DAEMON_FLIGHT_H

#include "lib/base/error.h"
#include "lib/base/span.h"

enum {
	FLIGHT_SLOTS = 1024
};

/* NUL-terminated texts. */
struct flight_slot {
	char what[16];    /* "session", "deliver" */
	char client[48];  /* its address, or empty */
	char message[32]; /* its queue id, or a segment's name, or empty */
};

/* For master: a new recorder's descriptor, or -1. */
int flight_create(struct error *error) MUST_USE;
/* Copies the slots in use that a dead process left behind, at most `maximum`;
 * returns their number. Only the NULs are certain: a broken process may have
 * written anything. */
size_t flight_read(int fd, struct flight_slot *slots, size_t maximum);
/* The slots as "what client message, what ...", as many as there is room for.
 */
void flight_describe(
    const struct flight_slot *slots, size_t count, char *text, size_t size);

/* The system call that the sandbox refused last; -1: none. */
int flight_read_call(int fd);

/* For daemons: maps the descriptor, which it closes. Without it recording does
 * nothing. */
bool flight_open(int fd, struct error *error) MUST_USE;
/* Takes a free slot; NULL when all are taken, which the others accept. `client`
 * and `message` may be empty. Any thread may call. */
struct flight_slot *flight_begin(
    const char *what, struct span client, struct span message);
/* It is about that message from now on; empty: about none. */
void flight_set_message(struct flight_slot *slot, struct span message);
void flight_end(struct flight_slot *slot);
/* Where the number of a refused call goes; NULL without a recorder. */
volatile int32_t *flight_call(void);

#endif
