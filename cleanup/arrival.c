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
	send_waiting(peer);
	waiting.is_dialling = false;
}

void
arrival_begin(void)
{
	if (waiting.is_dialling)
		return;
	waiting.is_dialling = true;
	loop_spawn(dial, NULL);
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
	arrival_begin();
}

void
arrival_tell(const struct message_arrival *arrival)
{
	struct peer *peer = waiting.is_dialling
	    ? NULL
	    : switchboard_peer("qmgr", loop_now(), NULL);
	struct buf payload;

	buf_init(&payload, FRAME_PAYLOAD_MAXIMUM);
	must(message_put_arrival(&payload, arrival));
	if (peer != NULL)
		peer_notify(peer, MESSAGE_ARRIVAL, buf_span(&payload));
	else
		keep(buf_span(&payload));
	buf_finish(&payload);
}
