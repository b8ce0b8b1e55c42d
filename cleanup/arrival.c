/* SPDX-License-Identifier: MIT */
#include "cleanup/arrival.h"

#include "lib/base/list.h"
#include "lib/base/memory.h"
#include "lib/ipc/switchboard.h"
#include "lib/loop/loop.h"

enum {
	WAITING_MAXIMUM = 4 << 20, /* bytes of notices kept for qmgr */
	PATIENCE = 60              /* seconds per attempt to reach it */
};

struct waiting {
	struct list node;
	size_t len;
	char payload[];
};

/* Notices that qmgr was not there for, oldest first. */
static struct {
	struct list notices;
	size_t bytes;
	bool is_dialling;
	struct peer *peer; /* NULL: not connected */
	void (*connected)(void);
} waiting = {.notices = {&waiting.notices, &waiting.notices}};

static void
send_waiting(struct peer *peer)
{
	list_foreach_safe (node, &waiting.notices) {
		struct waiting *notice =
		    list_element(node, struct waiting, node);

		peer_notify(peer, MESSAGE_ARRIVAL,
		    span_of(notice->payload, notice->len));
		list_remove(node);
		waiting.bytes -= notice->len;
		free(notice);
	}
}

static void
dial(void *argument UNUSED)
{
	struct peer *peer;

	do
		peer = switchboard_peer("qmgr", loop_deadline(PATIENCE), NULL);
	while (peer == NULL);
	waiting.peer = peer;
	waiting.is_dialling = false;
	peer_notify(peer, MESSAGE_CLEANUP, SPAN_EMPTY);
	send_waiting(peer);
	waiting.connected();
}

static void
begin_dialling(void)
{
	if (waiting.is_dialling)
		return;
	waiting.is_dialling = true;
	loop_spawn(dial, NULL);
}

static void
lost(struct peer *peer, const struct error *error UNUSED)
{
	if (waiting.peer == peer)
		waiting.peer = NULL;
	begin_dialling();
}

void
arrival_begin(const struct peer_handler *handlers, size_t handler_count,
    void (*connected)(void))
{
	struct peer_settings settings = {
	    .handlers = handlers,
	    .handler_count = handler_count,
	    .closed = lost,
	};

	waiting.connected = connected;
	switchboard_set("qmgr", &settings);
	begin_dialling();
}

struct peer *
arrival_peer(void)
{
	return waiting.peer;
}

static void
keep(struct span payload)
{
	struct waiting *notice;

	if (waiting.bytes + payload.len <= WAITING_MAXIMUM) {
		notice = memory_alloc(sizeof *notice + payload.len);
		notice->len = payload.len;
		memcpy(notice->payload, payload.at, payload.len);
		list_add_last(&waiting.notices, &notice->node);
		waiting.bytes += payload.len;
	}
	begin_dialling();
}

void
arrival_tell(const struct message_arrival *arrival)
{
	struct buf payload;

	buf_init(&payload, FRAME_PAYLOAD_MAXIMUM);
	must(message_put_arrival(&payload, arrival));
	if (waiting.peer != NULL)
		peer_notify(waiting.peer, MESSAGE_ARRIVAL, buf_span(&payload));
	else
		keep(buf_span(&payload));
	buf_finish(&payload);
}
