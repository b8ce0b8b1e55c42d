/* SPDX-License-Identifier: MIT */
/* A message from standard input, read to its end before anybody else hears of
 * it: whoever writes it may take hours. In stored form; in memory while it is
 * small, in a file without a name beyond that. Embedded in its owner. */
#ifndef PICKUP_SENDMAIL_SPOOLED_H
#define PICKUP_SENDMAIL_SPOOLED_H

#include "lib/base/buf.h"
#include "lib/base/error.h"
#include "lib/mail/content.h"

enum {
	SPOOLED_MEMORY_MAXIMUM = 1 << 20, /* bytes */
	SPOOLED_HEADER_MAXIMUM = 16 << 20
};

struct spooled {
	struct content content;
	struct buf header; /* a copy, for who wants to look into it */
	struct buf memory; /* the beginning, or all */
	int fd;            /* what follows; -1: nothing */
	struct buf start;  /* of a first line that may be a From_ line */
	struct error error;
};

struct spooled_settings {
	bool dot_is_text;
	uint64_t maximum; /* bytes; 0: none */
};

/* Reads `fd` to the end, or to a line with a dot alone. From_ lines in front of
 * the header are left out. ERROR_LIMIT: larger than the maximum. */
bool spooled_read(struct spooled *spooled, int fd,
    const struct spooled_settings *settings, struct error *error) MUST_USE;
void spooled_finish(struct spooled *spooled);

/* All of it, in runs; ends with false when `sink` returns false, then *error
 * is unchanged, or when the file cannot be read. */
bool spooled_replay(const struct spooled *spooled,
    bool (*sink)(void *owner, struct span run), void *owner,
    struct error *error) MUST_USE;

#endif
