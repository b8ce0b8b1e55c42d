/* SPDX-License-Identifier: MIT */
/* Space of the queue's file system put by for the day when it is full (REL-10):
 * a file that qmgr empties so that states, journals, moves and notices can
 * still be written, and fills again later. master makes the file with the
 * queue's directories; embedded in qmgr's own state. Functions block. */
#ifndef QUEUE_RESERVE_H
#define QUEUE_RESERVE_H

#include "lib/base/error.h"

#define RESERVE_NAME "reserve"

enum {
	RESERVE_SIZE = 4 << 20
};

struct reserve {
	int fd; /* -1: not open, nothing is put by */
	bool is_held;
};

/* In the queue directory; does not fill it. */
bool reserve_open(struct reserve *reserve, const char *queue_directory,
    struct error *error) MUST_USE;
void reserve_close(struct reserve *reserve);

/* Fills the file unless it is full, as long as three times as much is free:
 * ERROR_LIMIT otherwise. */
bool reserve_fill(struct reserve *reserve, struct error *error) MUST_USE;
/* Gives the space back; false when there was none to give. */
bool reserve_spend(struct reserve *reserve);

#endif
