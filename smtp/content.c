/* SPDX-License-Identifier: MIT */
#include "smtp/content.h"

#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/mail/dot.h"

#include "smtp/client.h"

enum {
	CHUNK = 8192,             /* bytes read from a file at a time */
	SENDFILE_MINIMUM = 16384, /* below, one write with all is cheaper */
	LONG_LINE = 998           /* CONTENT_LONG_LINE means longer ones */
};

/* A run of the content: its header or its body. */
struct part {
	uint64_t offset;
	uint64_t size;
	uint32_t flags;
};

struct sending {
	const struct delivery *delivery;
	struct stream *stream;
	struct error *error;
};

static int64_t
deadline(void)
{
	return loop_deadline(client()->params.data_xfer_timeout);
}

static bool
put(void *owner, struct span run)
{
	struct sending *sending = owner;

	return stream_write(sending->stream, run, deadline(), sending->error);
}

static bool
is_plain(const struct part *part)
{
	int64_t limit = client()->params.line_length_limit;

	if (limit > 0 &&
	    (limit < LONG_LINE || (part->flags & CONTENT_LONG_LINE) != 0))
		return false;
	return (part->flags & CONTENT_LEADING_DOT) == 0 &&
	    (part->flags & CONTENT_FINAL_CRLF) != 0;
}

static bool
read_file(struct sending *sending, const struct part *part, dot_sink sink,
    void *owner)
{
	/* Too large for the stack of a coroutine. */
	char *chunk = memory_alloc(CHUNK);
	bool good = true;

	for (uint64_t done = 0; good && done < part->size;) {
		uint64_t left = part->size - done;
		size_t count = left < CHUNK ? (size_t)left : CHUNK;

		good = io_pread(sending->delivery->fd, chunk, count,
			   (off_t)(part->offset + done), sending->error) &&
		    sink(owner, span_of(chunk, count));
		done += count;
	}
	free(chunk);
	return good;
}

/* Calls sink with the part, piece by piece. */
static bool
read_part(struct sending *sending, const struct part *part, dot_sink sink,
    void *owner)
{
	struct span content = sending->delivery->content;

	if (sending->delivery->fd >= 0)
		return read_file(sending, part, sink, owner);
	return sink(owner,
	    span_head(
		span_skip(content, (size_t)part->offset), (size_t)part->size));
}

/* Takes one run for the lexer that stuffs dots. */
static bool
feed(void *owner, struct span run)
{
	return dot_feed(owner, run);
}

static bool
send_edited(struct sending *sending, const struct part *part)
{
	struct dot dot;

	dot_init(
	    &dot, (uint64_t)client()->params.line_length_limit, put, sending);
	return read_part(sending, part, feed, &dot) && dot_finish_line(&dot);
}

static bool
send_part(struct sending *sending, const struct part *part)
{
	const struct delivery *delivery = sending->delivery;

	if (part->size == 0)
		return true;
	if (!is_plain(part))
		return send_edited(sending, part);
	if (delivery->fd >= 0 && part->size >= SENDFILE_MINIMUM)
		return stream_send_file(sending->stream, delivery->fd,
		    (off_t)part->offset, part->size,
		    client()->params.data_xfer_timeout, sending->error);
	return read_part(sending, part, put, sending);
}

bool
content_send(
    const struct delivery *delivery, struct stream *stream, struct error *error)
{
	const struct message_deliver *request = &delivery->request;
	struct sending sending = {delivery, stream, error};
	struct part header = {request->header_offset, request->header_size,
	    request->header_flags};
	struct part body = {
	    request->body_offset, request->body_size, request->body_flags};

	return send_part(&sending, &header) && send_part(&sending, &body);
}
