/* SPDX-License-Identifier: MIT */
#include "local/child/reader.h"

#include <errno.h>
#include <unistd.h>

#include "lib/base/memory.h"

enum {
	PIECE_SIZE = 65536
};

void
reader_init(struct reader *reader, int fd, uint64_t size)
{
	*reader = (struct reader){
	    .fd = fd, .left = size, .buffer = memory_alloc(PIECE_SIZE)};
}

void
reader_finish(struct reader *reader)
{
	free(reader->buffer);
	reader->buffer = NULL;
}

static ssize_t
read_some(int fd, void *bytes, size_t count)
{
	ssize_t got;

	do {
		got = read(fd, bytes, count);
	} while (got < 0 && errno == EINTR);
	return got;
}

bool
reader_next(struct reader *reader, struct span *piece, struct error *error)
{
	size_t wanted =
	    reader->left < PIECE_SIZE ? (size_t)reader->left : PIECE_SIZE;
	ssize_t got = 0;

	*piece = SPAN_EMPTY;
	if (wanted == 0)
		return true;
	got = read_some(reader->fd, reader->buffer, wanted);
	if (got <= 0)
		return error_set(
		    error, ERROR_CLOSED, "the message was not sent whole");
	reader->left -= (uint64_t)got;
	*piece = span_of(reader->buffer, (size_t)got);
	return true;
}

bool
reader_read_all(int fd, void *bytes, size_t count)
{
	char *to = bytes;

	while (count > 0) {
		ssize_t got = read_some(fd, to, count);

		if (got <= 0)
			return false;
		to += got;
		count -= (size_t)got;
	}
	return true;
}
