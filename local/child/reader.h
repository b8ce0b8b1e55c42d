/* SPDX-License-Identifier: MIT */
/* The content of one delivery as it comes from launcher. Embedded in its owner,
 * who calls reader_finish. */
#ifndef LOCAL_CHILD_READER_H
#define LOCAL_CHILD_READER_H

#include "lib/base/error.h"
#include "lib/base/span.h"

struct reader {
	int fd; /* stays the caller's */
	uint64_t left;
	char *buffer;
};

/* `size` bytes of content follow on `fd`, a blocking socket. */
void reader_init(struct reader *reader, int fd, uint64_t size);
void reader_finish(struct reader *reader);

/* The next piece, valid until the next call; empty at the end of the content.
 * False: launcher has given up. */
bool reader_next(
    struct reader *reader, struct span *piece, struct error *error) MUST_USE;

/* Reads exactly `count` bytes; false at the end of file. */
bool reader_read_all(int fd, void *bytes, size_t count) MUST_USE;

#endif
