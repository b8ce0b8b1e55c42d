/* SPDX-License-Identifier: MIT */
/* A buffered byte stream over a connected socket with a deadline on every
 * operation. Embedded in its owner. Reads and writes wait through loop_wait, so
 * a stream works in a coroutine and outside one. An idle stream owns no
 * buffer: the read buffer is given back when it is empty. */
#ifndef NET_STREAM_H
#define NET_STREAM_H

#include "lib/base/buf.h"
#include "lib/loop/loop.h"

enum {
	STREAM_BUFFER_SIZE = 16384,
	STREAM_LINE_MAXIMUM = 65536, /* of stream_read_line's limit */
	STREAM_OUTPUT_MAXIMUM = 65536
};

struct stream_layer;

struct stream {
	struct loop_fd loop_fd;
	struct buf input;
	size_t input_start; /* consumed bytes at the front of `input` */
	struct buf output;
	bool opened;
	bool drained;  /* the last read was short */
	bool at_end;   /* the peer sent end of file */
	bool skipping; /* the rest of a line that was too long comes next */
	const struct stream_layer *layer; /* NULL: the plain socket */
	void *layer_state;
	int64_t hard_deadline; /* no operation waits beyond it */
};

/* What TLS puts between buffers and socket: same results as read(2) and
 * write(2) with EAGAIN; then *want, which is set to the obvious before the
 * call, tells what to wait for. */
struct stream_layer {
	ssize_t (*read)(struct stream *stream, void *bytes, size_t count,
	    enum wait_for *want);
	ssize_t (*write)(struct stream *stream, const void *bytes, size_t count,
	    enum wait_for *want);
};

/* Takes the ownership of `fd`, a socket, or a pipe used in one direction. */
void stream_init(struct stream *stream, int fd);
/* Drops what is buffered, closes the descriptor. Harmless twice, and for a
 * zeroed stream. */
void stream_close(struct stream *stream);
/* Unregisters and returns the descriptor, now the caller's. Unread input is
 * lost. */
int stream_take_fd(struct stream *stream);

/* One line up to LF: *line is without the LF and the CR before it, valid until
 * the next read; *ending tells how it ended. A line longer than `limit` bytes
 * (without its end) is ERROR_LIMIT, with the first `limit` bytes in *line and
 * the rest of it skipped by the next call. ERROR_TIMEOUT, ERROR_CLOSED (also
 * when the end of file comes in the middle of a line), ERROR_SYSTEM as they
 * say. Pending output is flushed before waiting. */
enum line_ending {
	LINE_CRLF,
	LINE_LF
};

bool stream_read_line(struct stream *stream, size_t limit, int64_t deadline,
    struct span *line, enum line_ending *ending, struct error *error) MUST_USE;

/* Whatever has arrived: at least one byte, valid until the next read, and left
 * in the buffer; stream_consume takes it out. */
bool stream_peek(struct stream *stream, int64_t deadline, struct span *bytes,
    struct error *error) MUST_USE;
void stream_consume(struct stream *stream, size_t count);
/* Exactly `count` bytes; an early end is ERROR_CLOSED. */
bool stream_read(struct stream *stream, void *bytes, size_t count,
    int64_t deadline, struct error *error) MUST_USE;
/* True while unread input is buffered (pipelined commands). */
bool stream_has_input(const struct stream *stream);

/* Appends to the output buffer; nothing is sent before stream_flush or a read
 * has to wait, except that STREAM_OUTPUT_MAXIMUM of unsent output are flushed
 * first. */
bool stream_write(struct stream *stream, struct span bytes, int64_t deadline,
    struct error *error) MUST_USE;
/* As stream_write; a text above STREAM_OUTPUT_MAXIMUM is ERROR_LIMIT. */
bool stream_printf(struct stream *stream, int64_t deadline, struct error *error,
    const char *format, ...) MUST_USE PRINTF_LIKE(4, 5);
bool stream_flush(
    struct stream *stream, int64_t deadline, struct error *error) MUST_USE;
/* Flushes, then sends `count` bytes of the file from `offset` by sendfile(2)
 * (through the layer when there is one). A file that ends early is
 * ERROR_INVALID. Each `idle` seconds without progress is a timeout. */
bool stream_send_file(struct stream *stream, int fd, off_t offset,
    uint64_t count, int64_t idle, struct error *error) MUST_USE;

#endif
