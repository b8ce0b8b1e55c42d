/* SPDX-License-Identifier: MIT */
#include "qmgr/postqueue/client.h"

#include <errno.h>
#include <unistd.h>

#include "lib/net/listen.h"
#include "lib/net/stream.h"

#include "qmgr/reach/reach.h"
#include "qmgr/showq/listing.h"

enum {
	DIAL_PATIENCE = 10, /* seconds */
	PATIENCE = 600,     /* seconds */
	LINE_MAXIMUM = 200,
	PIECE = 8192
};

static bool
dial(const struct instance *instance, const char *name, struct stream *stream,
    struct error *error)
{
	const char *path = instance_public_path(instance, name);
	struct address address;
	int fd;

	if (!address_local(span_text(path), &address, error))
		return false;
	fd = connect_open(&address, NULL, loop_deadline(DIAL_PATIENCE), error);
	if (fd < 0) {
		if (error->saved_errno == ENOENT ||
		    error->saved_errno == ECONNREFUSED)
			error->kind = ERROR_NOT_FOUND;
		return error_prefix(error, "%s", path);
	}
	stream_init(stream, fd);
	return true;
}

static bool
take_all(
    struct stream *stream, client_take *take, void *owner, struct error *error)
{
	struct span bytes;

	while (stream_peek(stream, loop_deadline(PATIENCE), &bytes, error)) {
		bytes = span_head(bytes, PIECE);
		if (!take(owner, bytes, error))
			return false;
		stream_consume(stream, bytes.len);
	}
	return error->kind == ERROR_CLOSED;
}

bool
client_list(const struct instance *instance, client_take *take, void *owner,
    struct error *error)
{
	struct stream stream = {.opened = false};
	bool good = dial(instance, "showq", &stream, error) &&
	    take_all(&stream, take, owner, error);

	stream_close(&stream);
	return good;
}

struct direct {
	client_take *take;
	void *owner;
};

static bool
take_piecewise(void *owner, struct span bytes, struct error *error)
{
	const struct direct *direct = owner;

	while (bytes.len > 0) {
		struct span piece = span_head(bytes, PIECE);

		if (!direct->take(direct->owner, piece, error))
			return false;
		bytes = span_skip(bytes, piece.len);
	}
	return true;
}

bool
client_list_directly(const struct instance *instance, client_take *take,
    void *owner, struct error *error)
{
	struct direct direct = {take, owner};
	struct reach reach;
	struct listing listing = {
	    .empty_address_recipient = instance->common.empty_address_recipient,
	    .take = take_piecewise,
	    .owner = &direct,
	};
	bool good = reach_open(&reach, instance, REACH_READ, error);

	listing.store = reach.store;
	good = good && listing_run(&listing, error);
	reach_close(&reach);
	return good;
}

static bool
converse(struct stream *stream, const char *command, struct error *error)
{
	int64_t deadline = loop_deadline(PATIENCE);
	enum line_ending ending;
	struct span line;

	if (!stream_printf(stream, deadline, error, "%s\n", command))
		return false;
	if (!stream_read_line(
		stream, LINE_MAXIMUM, deadline, &line, &ending, error))
		return false;
	if (span_starts(line, SPAN("250 ")))
		return true;
	return error_set(error,
	    span_starts(line, SPAN("450 ")) ? ERROR_TEMPORARY : ERROR_INVALID,
	    "%.*s", SPAN_ARGS(span_skip(line, strlen("450 "))));
}

bool
client_flush(
    const struct instance *instance, const char *command, struct error *error)
{
	struct stream stream = {.opened = false};
	bool good = dial(instance, "flush", &stream, error) &&
	    converse(&stream, command, error);

	stream_close(&stream);
	return good;
}
