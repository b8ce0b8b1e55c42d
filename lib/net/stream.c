/* SPDX-License-Identifier: MIT */
#include "lib/net/stream.h"

#include <sys/sendfile.h>

#include <errno.h>
#include <unistd.h>

#include "lib/base/io.h"

enum {
	SEND_CHUNK = 1 << 20
};

void
stream_init(struct stream *stream, int fd)
{
	*stream =
	    (struct stream){.opened = true, .hard_deadline = LOOP_NO_DEADLINE};
	buf_init(&stream->input, STREAM_LINE_MAXIMUM + STREAM_BUFFER_SIZE);
	buf_init(&stream->output, STREAM_OUTPUT_MAXIMUM);
	loop_add(&stream->loop_fd, fd, NULL, stream);
}

int
stream_take_fd(struct stream *stream)
{
	int fd = stream->loop_fd.fd;

	must(stream->opened);
	loop_remove(&stream->loop_fd);
	buf_finish(&stream->input);
	buf_finish(&stream->output);
	stream->opened = false;
	return fd;
}

void
stream_close(struct stream *stream)
{
	int fd;

	if (!stream->opened)
		return;
	fd = stream_take_fd(stream);
	io_close(&fd);
}

static struct span
unread(const struct stream *stream)
{
	return span_skip(buf_span(&stream->input), stream->input_start);
}

bool
stream_has_input(const struct stream *stream)
{
	return unread(stream).len > 0;
}

void
stream_consume(struct stream *stream, size_t count)
{
	must(count <= unread(stream).len);
	stream->input_start += count;
}

static bool
stream_wait(struct stream *stream, enum wait_for want, int64_t deadline,
    struct error *error)
{
	if (deadline > stream->hard_deadline)
		deadline = stream->hard_deadline;
	return loop_wait(&stream->loop_fd, want, deadline) ||
	    error_set(error, ERROR_TIMEOUT, "timed out");
}

/* Of a read or write that cannot be tried again. */
static bool
set_failure(struct error *error, const char *what)
{
	if (errno == EPIPE || errno == ECONNRESET)
		return error_set(error, ERROR_CLOSED, "lost connection");
	return error_system(error, "%s", what);
}

static bool
may_retry(int number)
{
	return number == EAGAIN || number == EINTR;
}

bool
stream_flush(struct stream *stream, int64_t deadline, struct error *error)
{
	struct buf *output = &stream->output;

	while (output->len > 0) {
		enum wait_for want = WAIT_WRITE;
		ssize_t put = stream->layer != NULL
		    ? stream->layer->write(
			  stream, output->at, output->len, &want)
		    : write(stream->loop_fd.fd, output->at, output->len);

		must(put != 0);
		if (put > 0)
			buf_consume(output, (size_t)put);
		else if (!may_retry(errno))
			return set_failure(error, "write");
		else if (errno == EAGAIN &&
		    !stream_wait(stream, want, deadline, error))
			return false;
	}
	return true;
}

/* A waiting session owns no buffer that holds nothing. */
static void
release_buffers(struct stream *stream)
{
	if (stream->output.len == 0)
		buf_finish(&stream->output);
	if (stream->input.len == 0)
		buf_finish(&stream->input);
}

/* One read behind what is buffered, without waiting. */
static ssize_t
try_read(struct stream *stream, enum wait_for *want)
{
	struct buf *input = &stream->input;
	size_t room = input->len < STREAM_BUFFER_SIZE
	    ? STREAM_BUFFER_SIZE - input->len
	    : STREAM_BUFFER_SIZE;
	char *end = buf_reserve(input, room);
	ssize_t got;

	must(end != NULL);
	if (stream->layer != NULL) {
		/* Short reads mean nothing here: a record is a record. */
		got = stream->layer->read(stream, end, room, want);
	} else {
		got = read(stream->loop_fd.fd, end, room);
		stream->drained = got > 0 && (size_t)got < room;
	}
	if (got > 0)
		buf_grew(input, (size_t)got);
	stream->at_end = got == 0;
	return got;
}

/* Adds at least one byte to the input. */
static bool
fill(struct stream *stream, int64_t deadline, struct error *error)
{
	buf_consume(&stream->input, stream->input_start);
	stream->input_start = 0;
	for (;;) {
		enum wait_for want = WAIT_READ;
		ssize_t got = -1;

		errno = EAGAIN;
		if (stream->at_end)
			got = 0;
		else if (!stream->drained || stream->loop_fd.hung_up)
			got = try_read(stream, &want);
		if (got > 0)
			return true;
		if (got == 0)
			return error_set(
			    error, ERROR_CLOSED, "connection closed");
		if (!may_retry(errno))
			return set_failure(error, "read");
		if (errno == EINTR)
			continue;
		if (!stream_flush(stream, deadline, error))
			return false;
		release_buffers(stream);
		if (!stream_wait(stream, want, deadline, error))
			return false;
		stream->drained = false;
	}
}

bool
stream_peek(struct stream *stream, int64_t deadline, struct span *bytes,
    struct error *error)
{
	if (!stream_has_input(stream) && !fill(stream, deadline, error))
		return false;
	*bytes = unread(stream);
	return true;
}

bool
stream_read(struct stream *stream, void *bytes, size_t count, int64_t deadline,
    struct error *error)
{
	char *at = bytes;

	while (count > 0) {
		struct span some;

		if (!stream_peek(stream, deadline, &some, error))
			return false;
		some = span_head(some, count);
		memcpy(at, some.at, some.len);
		at += some.len;
		count -= some.len;
		stream_consume(stream, some.len);
	}
	return true;
}

/* Drops input up to and with the next LF. */
static bool
skip_line(struct stream *stream, int64_t deadline, struct error *error)
{
	while (stream->skipping) {
		struct span some;
		size_t end;

		if (!stream_peek(stream, deadline, &some, error))
			return false;
		end = span_find(some, '\n');
		stream->skipping = end == some.len;
		stream_consume(stream, stream->skipping ? end : end + 1);
	}
	return true;
}

/* Whether `input`, which has no LF up to `end`, already tells that its line is
 * longer than `limit`. A CR behind the limit may belong to the line's end. */
static bool
is_too_long(struct span input, size_t end, size_t limit)
{
	if (end <= limit)
		return false;
	return end > limit + 1 || input.at[limit] != '\r';
}

bool
stream_read_line(struct stream *stream, size_t limit, int64_t deadline,
    struct span *line, enum line_ending *ending, struct error *error)
{
	size_t searched = 0;

	must(limit < STREAM_LINE_MAXIMUM);
	if (!skip_line(stream, deadline, error))
		return false;
	for (;;) {
		struct span input = unread(stream);
		size_t end =
		    searched + span_find(span_skip(input, searched), '\n');

		if (is_too_long(input, end, limit)) {
			*line = span_head(input, limit);
			stream_consume(stream, limit);
			stream->skipping = true;
			return error_set(error, ERROR_LIMIT,
			    "line longer than %zu bytes", limit);
		}
		if (end < input.len) {
			bool crlf = end > 0 && input.at[end - 1] == '\r';

			*ending = crlf ? LINE_CRLF : LINE_LF;
			*line = span_head(input, crlf ? end - 1 : end);
			stream_consume(stream, end + 1);
			return true;
		}
		searched = input.len;
		if (!fill(stream, deadline, error))
			return false;
	}
}

bool
stream_write(struct stream *stream, struct span bytes, int64_t deadline,
    struct error *error)
{
	for (;;) {
		struct span some = span_head(
		    bytes, STREAM_OUTPUT_MAXIMUM - stream->output.len);

		must(buf_append_span(&stream->output, some));
		bytes = span_skip(bytes, some.len);
		if (bytes.len == 0)
			return true;
		if (!stream_flush(stream, deadline, error))
			return false;
	}
}

bool
stream_printf(struct stream *stream, int64_t deadline, struct error *error,
    const char *format, ...)
{
	va_list arguments;
	bool fits;

	va_start(arguments, format);
	fits = buf_vprintf(&stream->output, format, arguments);
	va_end(arguments);
	if (fits)
		return true;
	if (!stream_flush(stream, deadline, error))
		return false;
	buf_clear(&stream->output);
	va_start(arguments, format);
	fits = buf_vprintf(&stream->output, format, arguments);
	va_end(arguments);
	stream->output.overflowed = false;
	return fits ||
	    error_set(error, ERROR_LIMIT, "text longer than %d bytes",
		STREAM_OUTPUT_MAXIMUM);
}

/* Through the layer: one buffer of the file into the output, and out. */
static ssize_t
send_buffered(struct stream *stream, int fd, off_t offset, size_t count)
{
	size_t wanted = count < STREAM_BUFFER_SIZE ? count : STREAM_BUFFER_SIZE;
	char *end = buf_reserve(&stream->output, wanted);
	ssize_t got;

	must(end != NULL);
	got = pread(fd, end, wanted, offset);
	if (got > 0)
		buf_grew(&stream->output, (size_t)got);
	return got;
}

bool
stream_send_file(struct stream *stream, int fd, off_t offset, uint64_t count,
    int64_t idle, struct error *error)
{
	while (stream_flush(stream, loop_deadline(idle), error)) {
		size_t wanted = count < SEND_CHUNK ? (size_t)count : SEND_CHUNK;
		off_t position = offset;
		ssize_t sent;

		if (count == 0)
			return true;
		sent = stream->layer != NULL
		    ? send_buffered(stream, fd, offset, wanted)
		    : sendfile(stream->loop_fd.fd, fd, &position, wanted);
		if (sent == 0)
			return error_set(error, ERROR_INVALID,
			    "file ends %llu bytes early",
			    (unsigned long long)count);
		if (sent > 0) {
			offset += sent;
			count -= (uint64_t)sent;
		} else if (!may_retry(errno)) {
			return set_failure(error, "sendfile");
		} else if (errno == EAGAIN &&
		    !stream_wait(
			stream, WAIT_WRITE, loop_deadline(idle), error)) {
			return false;
		}
	}
	return false;
}
