/* SPDX-License-Identifier: MIT */
/* socketmap:inet:host:port:name, socketmap:unix:path:name and tcp:host:port:
 * servers that are asked. Whatever they do, there is an answer in time. */
#include "lib/base/clock.h"
#include "lib/base/memory.h"
#include "lib/table/server_link.h"
#include "lib/table/server_reply.h"
#include "lib/table/table_kind.h"

enum {
	QUESTION_MAXIMUM = 3 * TABLE_KEY_MAXIMUM + 1024,
	TIMEOUT = 10000, /* milliseconds, for all of a lookup */
	PAUSES = 2       /* timeouts for which one who was late is not asked */
};

struct server_table {
	const struct server_protocol *protocol;
	struct server_link link;
	char *name; /* that the server knows the table by */
	int64_t timeout;
	int64_t pause_end; /* of clock_monotonic */
	struct buf question;
	struct buf reply;
};

static void
close_server(void *state)
{
	struct server_table *table = state;

	server_link_finish(&table->link);
	buf_finish(&table->question);
	buf_finish(&table->reply);
	free(table->name);
	free(table);
}

static void *
open_server(const struct server_protocol *protocol, const char *argument,
    const struct table_options *options, struct error *error)
{
	struct span endpoint = span_text(argument);
	struct span name = SPAN_EMPTY;
	struct server_link link;
	struct server_table *table;
	size_t colon = span_find_last(endpoint, ':');

	if (protocol->has_name) {
		name = span_skip(endpoint, colon + 1);
		endpoint = span_head(endpoint, colon);
		if (name.len == 0) {
			error_set(error, ERROR_INVALID,
			    "expected inet:host:port:name or unix:path:name");
			return NULL;
		}
	}
	if (!server_link_init(&link, endpoint, error))
		return NULL;
	table = memory_zero(sizeof *table);
	table->protocol = protocol;
	table->link = link;
	table->name = memory_copy(name);
	table->timeout = options->timeout > 0 ? options->timeout : TIMEOUT;
	buf_init(&table->question, QUESTION_MAXIMUM);
	buf_init(&table->reply, protocol->maximum);
	return table;
}

/* Reads until there is a whole reply. */
static bool
read_reply(struct server_table *table, int64_t deadline,
    struct server_reply *reply, struct error *error)
{
	enum server_reply_state state;

	buf_clear(&table->reply);
	do {
		if (!server_link_read(
			&table->link, &table->reply, deadline, error))
			return false;
		state = table->protocol->take(buf_span(&table->reply), reply);
	} while (state == SERVER_REPLY_INCOMPLETE);
	return state == SERVER_REPLY_COMPLETE ||
	    error_set(error, ERROR_TEMPORARY,
		"the server does not keep to the protocol");
}

/* A connection that was used before may have been closed meanwhile: then, and
 * only then, a second one is worth the trouble. */
static bool
exchange(
    struct server_table *table, struct server_reply *reply, struct error *error)
{
	int64_t now = clock_monotonic();
	int64_t deadline = now + table->timeout;
	bool fresh = false;

	if (now < table->pause_end)
		return error_set(error, ERROR_TIMEOUT,
		    "the server did not answer in time before");
	while (!fresh) {
		if (!server_link_connect(&table->link, deadline, &fresh, error))
			return false;
		if (server_link_write(&table->link, buf_span(&table->question),
			deadline, error) &&
		    read_reply(table, deadline, reply, error))
			return true;
		server_link_close(&table->link);
	}
	/* Whoever asks next need not wait as long again. */
	if (error->kind == ERROR_TIMEOUT)
		table->pause_end = clock_monotonic() + PAUSES * table->timeout;
	return false;
}

static enum table_result
get_server(void *state, struct span key, struct buf *value, struct error *error)
{
	struct server_table *table = state;
	const struct server_protocol *protocol = table->protocol;
	struct server_reply reply = {.result = TABLE_TRY_AGAIN};
	struct error failure = {.kind = ERROR_NONE};

	buf_clear(&table->question);
	if (!protocol->ask(&table->question, span_text(table->name), key)) {
		error_set(error, ERROR_LIMIT, "the key is too long");
		return TABLE_TRY_AGAIN;
	}
	if (!exchange(table, &reply, &failure)) {
		if (error != NULL)
			*error = failure;
		return TABLE_TRY_AGAIN;
	}
	if (reply.result == TABLE_TRY_AGAIN)
		error_set(error, ERROR_TEMPORARY, "the server says: %.*s",
		    SPAN_ARGS(span_head(reply.text, 100)));
	if (reply.result == TABLE_FOUND &&
	    !protocol->decode(value, reply.text)) {
		error_set(error, ERROR_TEMPORARY,
		    "the server does not keep to the protocol");
		return TABLE_TRY_AGAIN;
	}
	return reply.result;
}

static void *
open_socketmap(const char *argument, const struct table_options *options,
    struct error *error)
{
	return open_server(&server_reply_socketmap, argument, options, error);
}

static void *
open_tcp(const char *argument, const struct table_options *options,
    struct error *error)
{
	return open_server(&server_reply_tcp, argument, options, error);
}

const struct table_kind table_server_socketmap = {
    .name = "socketmap",
    .traits = TABLE_BLOCKS,
    .open = open_socketmap,
    .get = get_server,
    .close = close_server,
};

const struct table_kind table_server_tcp = {
    .name = "tcp",
    .traits = TABLE_BLOCKS | TABLE_WHOLE_KEY,
    .open = open_tcp,
    .get = get_server,
    .close = close_server,
};
