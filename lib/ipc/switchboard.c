/* SPDX-License-Identifier: MIT */
#include "lib/ipc/switchboard.h"

#include "lib/base/hash.h"
#include "lib/base/io.h"
#include "lib/base/list.h"
#include "lib/base/memory.h"
#include "lib/loop/loop.h"

enum {
	BACKOFF_FIRST = 50, /* milliseconds */
	BACKOFF_MAXIMUM = 5000
};

struct waiter {
	struct list node;
	struct loop_signal signal;
};

/* What we know of one service we may dial. */
struct line {
	struct peer *peer; /* NULL: not connected */
	struct peer_settings settings;
	void (*closed)(struct peer *peer, const struct error *error);
	struct list waiters;
	bool asked; /* NEED was sent and not answered */
	int64_t backoff;
	int64_t not_before;
	int64_t connected_at;
	char failure[120];
	char service[];
};

static struct {
	struct channel *control;
	const struct peer_identity *identity;
	struct hash *lines;
} board;

void
switchboard_open(struct channel *control, const struct peer_identity *identity)
{
	board.control = control;
	board.identity = identity;
	if (board.lines == NULL)
		board.lines = hash_create();
}

static void
wake_all(struct line *line)
{
	list_foreach (node, &line->waiters)
		loop_signal_raise(
		    &list_element(node, struct waiter, node)->signal);
}

static void
delay_next(struct line *line)
{
	line->backoff = line->backoff == 0 ? BACKOFF_FIRST : line->backoff * 2;
	if (line->backoff > BACKOFF_MAXIMUM)
		line->backoff = BACKOFF_MAXIMUM;
	line->not_before = loop_now() + line->backoff;
}

static void
line_closed(struct peer *peer, const struct error *error)
{
	struct hash_cursor cursor = {0};
	struct line *line;

	while ((line = hash_next(board.lines, &cursor, NULL)) != NULL)
		if (line->peer == peer)
			break;
	must(line != NULL);
	line->peer = NULL;
	/* One that refuses us at once is not asked over and over. */
	if (loop_now() - line->connected_at > BACKOFF_MAXIMUM)
		line->backoff = 0;
	delay_next(line);
	if (line->closed != NULL)
		line->closed(peer, error);
}

static struct line *
line_of(const char *service)
{
	struct span name = span_text(service);
	struct line *line = hash_get(board.lines, name);

	if (line != NULL)
		return line;
	line = memory_zero(sizeof *line + name.len + 1);
	memcpy(line->service, name.at, name.len);
	line->settings.closed = line_closed;
	list_init(&line->waiters);
	hash_put(board.lines, name, line);
	return line;
}

void
switchboard_set(const char *service, const struct peer_settings *settings)
{
	struct line *line = line_of(service);

	line->settings = *settings;
	line->closed = settings->closed;
	line->settings.closed = line_closed;
}

static void
ask(struct line *line)
{
	struct message_need need = {span_text(line->service)};
	struct buf payload;

	buf_init(&payload, FRAME_PAYLOAD_MAXIMUM);
	must(message_put_need(&payload, &need));
	channel_send(board.control,
	    &(struct frame){
		.type = MESSAGE_NEED, .payload = buf_span(&payload), .fd = -1});
	buf_finish(&payload);
	line->asked = true;
	line->failure[0] = '\0';
}

void
switchboard_given(const struct message_given *given, int fd)
{
	struct line *line = hash_get(board.lines, given->service);

	if (line == NULL || !line->asked || line->peer != NULL) {
		io_close(&fd);
		return;
	}
	line->asked = false;
	if (fd >= 0) {
		line->peer = peer_connect(
		    fd, line->service, board.identity, &line->settings);
		line->connected_at = loop_now();
	} else {
		snprintf(line->failure, sizeof line->failure, "%.*s",
		    SPAN_ARGS(given->text));
		delay_next(line);
	}
	wake_all(line);
}

/* Waits for master's answer. */
static bool
wait_for_answer(struct line *line, int64_t deadline)
{
	struct waiter waiter = {.signal = {0}};
	bool raised;

	list_add_last(&line->waiters, &waiter.node);
	raised = loop_signal_wait(&waiter.signal, deadline);
	list_remove(&waiter.node);
	return raised;
}

struct peer *
switchboard_peer(const char *service, int64_t deadline, struct error *error)
{
	struct line *line = line_of(service);

	while (line->peer == NULL) {
		if (!line->asked && line->not_before > loop_now()) {
			if (line->not_before > deadline)
				break;
			loop_sleep_until(line->not_before);
			continue;
		}
		if (!line->asked)
			ask(line);
		if (!wait_for_answer(line, deadline))
			break;
	}
	if (line->peer == NULL)
		error_set(error, ERROR_TEMPORARY, "service %s: %s", service,
		    line->failure[0] != '\0' ? line->failure : "not available");
	return line->peer;
}

struct conversation *
switchboard_converse(const char *service, int64_t deadline, struct error *error)
{
	struct peer *peer = switchboard_peer(service, deadline, error);

	return peer == NULL ? NULL : conversation_open(peer, error);
}
