/* SPDX-License-Identifier: MIT */
#include "smtp/report.h"

#include "lib/daemon/service.h"
#include "lib/loop/loop.h"

enum {
	/* Room in a frame beside the list: the queue id, lengths. */
	LIST_MAXIMUM = FRAME_PAYLOAD_MAXIMUM - 1024,
	NUMBERS_MAXIMUM = 10000 /* in one notice */
};

/* Takes one list of recipient_status; false ends the walk. */
typedef bool (*list_taker)(void *owner, struct span list, bool is_last);

static bool
put_status(struct buf *list, const struct recipient *recipient)
{
	const struct outcome *outcome = recipient->outcome;
	struct message_recipient_status status = {
	    .number = recipient->message.number,
	    .outcome = outcome->outcome,
	    .dsn = outcome->dsn,
	    .text = outcome->text,
	    .remote = outcome->remote,
	    .reply = outcome->reply,
	};
	size_t before = list->len;

	if (message_put_recipient_status(list, &status))
		return true;
	buf_shorten(list, list->len - before);
	return false;
}

/* Hands out all statuses in lists that fit a frame. */
static bool
walk_statuses(const struct request *request, list_taker take, void *owner)
{
	struct buf list;
	bool going = true;

	buf_init(&list, LIST_MAXIMUM);
	for (size_t i = 0; i < request->count && going; i++) {
		if (put_status(&list, &request->recipients[i]))
			continue;
		going = take(owner, buf_span(&list), false);
		buf_clear(&list);
		must(put_status(&list, &request->recipients[i]));
	}
	going = going && take(owner, buf_span(&list), true);
	buf_finish(&list);
	return going;
}

static bool
send_status(void *owner, struct span list, bool is_last)
{
	struct message_status status = {list};
	struct buf payload;

	buf_init(&payload, FRAME_PAYLOAD_MAXIMUM);
	must(message_put_status(&payload, &status));
	conversation_send(owner, MESSAGE_STATUS, is_last ? FRAME_LAST : 0,
	    buf_span(&payload));
	buf_finish(&payload);
	return true;
}

static bool
wait_for_acknowledgement(struct conversation *conversation, struct error *error)
{
	struct frame frame;

	return conversation_expect(conversation, MESSAGE_ACKNOWLEDGE,
	    loop_deadline(service_common()->ipc_timeout), &frame, error);
}

bool
report_send(const struct request *request, struct conversation *conversation,
    struct error *error)
{
	return walk_statuses(request, send_status, conversation) &&
	    wait_for_acknowledgement(conversation, error);
}

struct keeping {
	const struct request *request;
	struct peer *qmgr;
	struct error *error;
};

static bool
send_kept(void *owner, struct span list, bool is_last UNUSED)
{
	struct keeping *keeping = owner;
	struct message_kept kept = {
	    .queue_id = keeping->request->message.queue_id, .list = list};
	struct conversation *conversation =
	    conversation_open(keeping->qmgr, keeping->error);
	bool acknowledged;

	if (conversation == NULL)
		return false;
	conversation_send_kept(conversation, &kept);
	acknowledged = wait_for_acknowledgement(conversation, keeping->error);
	conversation_close(conversation);
	return acknowledged;
}

bool
report_send_kept(
    const struct request *request, struct peer *qmgr, struct error *error)
{
	struct keeping keeping = {request, qmgr, error};

	return walk_statuses(request, send_kept, &keeping);
}

void
report_in_flight(const struct request *request, struct peer *qmgr)
{
	struct message_in_flight notice = {
	    .queue_id = request->message.queue_id};
	struct buf list;

	buf_init(&list, LIST_MAXIMUM);
	for (size_t i = 0; i < request->count; i++) {
		struct message_in_flight_recipient recipient = {
		    request->recipients[i].message.number};

		message_put_in_flight_recipient(&list, &recipient);
		if ((i + 1) % NUMBERS_MAXIMUM == 0 || i + 1 == request->count) {
			notice.list = buf_span(&list);
			peer_notify_in_flight(qmgr, &notice);
			buf_clear(&list);
		}
	}
	buf_finish(&list);
}
