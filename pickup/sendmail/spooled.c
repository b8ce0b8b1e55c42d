/* SPDX-License-Identifier: MIT */
#include "pickup/sendmail/spooled.h"

#include <sys/mman.h>

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "lib/base/io.h"

enum {
	CHUNK = 65536,
	START_SIZE = 6 /* of ">From " */
};

/* A file without a name, in memory where no directory gives one. */
static bool
open_file(struct spooled *spooled)
{
	spooled->fd = open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (spooled->fd < 0)
		spooled->fd = memfd_create("message", MFD_CLOEXEC);
	return spooled->fd >= 0 ||
	    error_system(&spooled->error, "temporary file");
}

static bool
store(struct spooled *spooled, struct span run)
{
	if (spooled->fd < 0 && buf_append_span(&spooled->memory, run))
		return true;
	return (spooled->fd >= 0 || open_file(spooled)) &&
	    io_write(spooled->fd, run, &spooled->error);
}

static bool
take_run(void *owner, enum content_part part, struct span run)
{
	struct spooled *spooled = owner;

	if (part == CONTENT_HEADER && !buf_append_span(&spooled->header, run))
		return error_set(&spooled->error, ERROR_LIMIT,
		    "the header is longer than %d bytes",
		    SPOOLED_HEADER_MAXIMUM);
	return store(spooled, run);
}

static void
init(struct spooled *spooled, const struct spooled_settings *settings)
{
	*spooled = (struct spooled){.fd = -1};
	buf_init(&spooled->header, SPOOLED_HEADER_MAXIMUM);
	buf_init(&spooled->memory, SPOOLED_MEMORY_MAXIMUM);
	buf_init(&spooled->start, START_SIZE);
	content_init(&spooled->content,
	    &(struct content_options){
		.mode =
		    settings->dot_is_text ? CONTENT_LOCAL : CONTENT_LOCAL_DOT,
		.maximum = settings->maximum,
		.sink = take_run,
		.owner = spooled,
	    });
}

/* Where we are in front of the header. */
enum front {
	FRONT_START, /* of a line that may be a From_ line */
	FRONT_SKIP,  /* inside one */
	FRONT_PASSED
};

static bool
is_from_line(struct span start)
{
	if (span_starts(start, SPAN(">")))
		start = span_skip(start, 1);
	return span_starts(start, SPAN("From "));
}

/* Gathers enough of a line to know what it is. */
static enum front
judge_start(struct spooled *spooled, struct span *input)
{
	struct buf *start = &spooled->start;

	while (input->len > 0 && start->len < START_SIZE &&
	    (start->len == 0 || start->at[start->len - 1] != '\n')) {
		must(buf_append_byte(start, input->at[0]));
		*input = span_skip(*input, 1);
	}
	if (is_from_line(buf_span(start))) {
		buf_clear(start);
		return FRONT_SKIP;
	}
	if (start->len < START_SIZE &&
	    (start->len == 0 || start->at[start->len - 1] != '\n'))
		return FRONT_START;
	return FRONT_PASSED;
}

static void
pass_start(struct spooled *spooled)
{
	(void)content_feed(&spooled->content, buf_span(&spooled->start));
	buf_clear(&spooled->start);
}

/* Returns what is left of `input` when the header begins in it. */
static struct span
skip_front(struct spooled *spooled, enum front *front, struct span input)
{
	while (input.len > 0 && *front != FRONT_PASSED) {
		if (*front == FRONT_START) {
			*front = judge_start(spooled, &input);
			continue;
		}
		size_t end = span_find(input, '\n');

		if (end < input.len)
			*front = FRONT_START;
		input = span_skip(input, end + 1);
	}
	if (*front == FRONT_PASSED)
		pass_start(spooled);
	return input;
}

static bool
read_chunks(struct spooled *spooled, int fd)
{
	static char chunk[CHUNK];
	enum front front = FRONT_START;

	while (!spooled->content.has_ended &&
	    spooled->content.fault == CONTENT_GOOD) {
		ssize_t got = read(fd, chunk, sizeof chunk);
		struct span input;

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return error_system(&spooled->error, "standard input");
		if (got == 0)
			break;
		input = span_of(chunk, (size_t)got);
		if (front != FRONT_PASSED)
			input = skip_front(spooled, &front, input);
		(void)content_feed(&spooled->content, input);
	}
	pass_start(spooled);
	content_finish(&spooled->content);
	return true;
}

bool
spooled_read(struct spooled *spooled, int fd,
    const struct spooled_settings *settings, struct error *error)
{
	bool complete;

	init(spooled, settings);
	complete = read_chunks(spooled, fd);
	if (complete && spooled->content.fault == CONTENT_TOO_LARGE)
		complete = error_set(&spooled->error, ERROR_LIMIT,
		    "the message is larger than message_size_limit (%llu "
		    "bytes)",
		    (unsigned long long)settings->maximum);
	if (complete && spooled->content.fault == CONTENT_GOOD)
		return true;
	*error = spooled->error;
	return false;
}

void
spooled_finish(struct spooled *spooled)
{
	buf_finish(&spooled->header);
	buf_finish(&spooled->memory);
	buf_finish(&spooled->start);
	io_close(&spooled->fd);
}

bool
spooled_replay(const struct spooled *spooled,
    bool (*sink)(void *owner, struct span run), void *owner,
    struct error *error)
{
	static char chunk[CHUNK];
	uint64_t rest = content_size(&spooled->content) - spooled->memory.len;
	off_t offset = 0;

	if (!sink(owner, buf_span(&spooled->memory)))
		return false;
	while (rest > 0) {
		size_t size = rest < CHUNK ? (size_t)rest : CHUNK;

		if (!io_pread(spooled->fd, chunk, size, offset, error))
			return false;
		if (!sink(owner, span_of(chunk, size)))
			return false;
		offset += (off_t)size;
		rest -= size;
	}
	return true;
}
