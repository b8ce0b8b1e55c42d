/* SPDX-License-Identifier: MIT */
#include "smtp/content.h"

#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/mail/dot.h"

#include "smtp/client.h"
#include "smtp/session.h"

enum {
	CHUNK = 8192,                /* bytes read from a file at a time */
	SENDFILE_MINIMUM = 16384,    /* below, one write with all is cheaper */
	LONG_LINE = 998,             /* CONTENT_LONG_LINE means longer ones */
	MEASURED_AT_A_TIME = 1 << 20 /* bytes */
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

static struct part
header_of(const struct message_deliver *request)
{
	return (struct part){request->header_offset, request->header_size,
	    request->header_flags};
}

static struct part
body_of(const struct message_deliver *request)
{
	return (struct part){
	    request->body_offset, request->body_size, request->body_flags};
}

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
	struct error failure;
	bool good = true;

	for (uint64_t done = 0; good && done < part->size;) {
		uint64_t left = part->size - done;
		size_t count = left < CHUNK ? (size_t)left : CHUNK;

		good = io_pread(sending->delivery->fd, chunk, count,
			   (off_t)(part->offset + done), &failure) ||
		    error_set(sending->error, ERROR_TEMPORARY,
			"reading the message: %s", failure.text);
		good = good && sink(owner, span_of(chunk, count));
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

/* ---- conversion ---- */

static bool
read_content(struct sending *sending, dot_sink sink, void *owner)
{
	const struct message_deliver *request = &sending->delivery->request;
	struct part header = header_of(request);
	struct part body = body_of(request);

	return read_part(sending, &header, sink, owner) &&
	    read_part(sending, &body, sink, owner);
}

bool
content_needs_downgrade(const struct delivery *delivery, unsigned features)
{
	return (features & FEATURE_8BITMIME) == 0 &&
	    (delivery->request.body_flags & CONTENT_8BIT) != 0 &&
	    !client()->params.disable_mime_output_conversion;
}

struct measuring {
	struct downgrade *downgrade;
	size_t since_pause;
};

/* A large message does not keep the other deliveries waiting. */
static bool
measure_run(void *owner, struct span run)
{
	struct measuring *measuring = owner;

	downgrade_measure(measuring->downgrade, run);
	measuring->since_pause += run.len;
	if (measuring->since_pause >= MEASURED_AT_A_TIME) {
		measuring->since_pause = 0;
		loop_sleep_until(loop_now());
	}
	return true;
}

bool
content_measure(const struct delivery *delivery, struct downgrade *downgrade,
    struct error *error)
{
	struct sending sending = {.delivery = delivery, .error = error};
	struct measuring measuring = {downgrade, 0};

	return read_content(&sending, measure_run, &measuring) &&
	    downgrade_measure_end(downgrade, error);
}

static bool
convert_run(void *owner, struct span run)
{
	return downgrade_feed(owner, run);
}

static bool
send_converted(struct sending *sending, struct downgrade *downgrade)
{
	struct dot dot;

	dot_init(
	    &dot, (uint64_t)client()->params.line_length_limit, put, sending);
	downgrade_begin(downgrade, feed, &dot);
	return read_content(sending, convert_run, downgrade) &&
	    downgrade_end(downgrade) && dot_finish_line(&dot);
}

bool
content_send(const struct delivery *delivery, struct downgrade *downgrade,
    struct stream *stream, struct error *error)
{
	struct sending sending = {delivery, stream, error};
	struct part header = header_of(&delivery->request);
	struct part body = body_of(&delivery->request);

	if (downgrade != NULL)
		return send_converted(&sending, downgrade);
	return send_part(&sending, &header) && send_part(&sending, &body);
}
