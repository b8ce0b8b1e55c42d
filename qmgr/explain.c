/* SPDX-License-Identifier: MIT */
#include "qmgr/explain.h"

#include "lib/base/clock.h"
#include "lib/ipc/switchboard.h"

#include "qmgr/claim.h"
#include "qmgr/deliver.h"
#include "qmgr/message.h"

enum {
	LOOKUP_PATIENCE = 30,   /* seconds */
	LIST_MAXIMUM = 48 << 10 /* bytes; what is beyond is left out */
};

/* One question. */
struct explaining {
	struct queue_id id;
	struct span sender;
	struct buf list;         /* of explained_recipient */
	struct message *message; /* NULL: not in memory; looked up anew after
				  * every wait */
};

/* A time of the loop's clock on the wall. */
static uint64_t
on_the_wall(int64_t time)
{
	if (time == 0)
		return 0;
	return (uint64_t)(clock_wall() +
	    (time - loop_now()) * (CLOCK_SECOND / 1000));
}

/* ---- what holds a destination ---- */

static void
set_hold(struct message_explained_recipient *record,
    const struct destination *destination, enum schedule_age age)
{
	static const enum explained_hold holds[] = {
	    [SCHEDULE_WAITS_TURN] = HOLD_TURN,
	    [SCHEDULE_WAITS_SLOT] = HOLD_SLOT,
	    [SCHEDULE_WAITS_SHARE] = HOLD_SHARE,
	    [SCHEDULE_WAITS_WINDOW] = HOLD_WINDOW,
	    [SCHEDULE_WAITS_DESTINATION_DELAY] = HOLD_DESTINATION_DELAY,
	    [SCHEDULE_WAITS_TRANSPORT_DELAY] = HOLD_TRANSPORT_DELAY,
	    [SCHEDULE_WAITS_SUSPENSION] = HOLD_SUSPENSION,
	};
	struct schedule_hold hold =
	    schedule_explain(destination, age, loop_now());
	const struct lane *lane = destination->lane;

	record->hold = holds[hold.wait];
	record->until = on_the_wall(hold.until);
	if (hold.wait == SCHEDULE_WAITS_WINDOW) {
		record->busy = destination->window.busy;
		record->limit = destination->window.size;
	} else if (hold.wait == SCHEDULE_WAITS_SLOT) {
		record->limit = lane->slots;
		for (int i = 0; i < AGE_COUNT; i++)
			record->busy += lane->busy[i];
	} else if (hold.wait == SCHEDULE_WAITS_SUSPENSION) {
		record->text = span_text(destination->reason);
	}
}

/* ---- a recipient in memory ---- */

static bool
has_recipient(const struct list *recipients, uint32_t number)
{
	list_foreach (node, recipients)
		if (list_element(node, struct recipient, node)->number ==
		    number)
			return true;
	return false;
}

/* False when it waits for no destination. */
static bool
explain_waiting(
    struct message *message, struct message_explained_recipient *record)
{
	list_foreach (node, &message->entries) {
		const struct entry *entry =
		    list_element(node, struct entry, of_message);

		if (!has_recipient(&entry->recipients, record->number))
			continue;
		set_hold(record, entry->destination, entry->age);
		return true;
	}
	return false;
}

static void
explain_in_memory(
    struct message *message, struct message_explained_recipient *record)
{
	int64_t began = deliver_find(message, record->number);

	if (began > 0) {
		record->hold = HOLD_DELIVERY;
		record->until = (uint64_t)began;
	} else if (has_recipient(&message->held, record->number)) {
		record->hold = HOLD_DELIVERY;
	} else if (!explain_waiting(message, record) &&
	    record->number >= message->first_unread) {
		record->hold = HOLD_UNREAD;
	}
}

/* ---- a recipient on the disk ---- */

/* What would be held against it if it were tried now. */
static void
explain_transport(struct message_explained_recipient *record,
    struct transport *transport, struct span address)
{
	const struct destination *destination;

	if (transport->kind == TRANSPORT_MISSING) {
		record->hold = HOLD_NO_TRANSPORT;
		record->text = SPAN("master.cf has no such service");
	} else if (transport->unavailable_until > loop_now()) {
		record->hold = HOLD_NO_AGENT;
		record->until = on_the_wall(transport->unavailable_until);
	} else if (transport->kind == TRANSPORT_AGENT) {
		destination = transport_find_destination(
		    transport, record->next_hop, address);
		if (destination != NULL)
			set_hold(record, destination, AGE_RETRY);
		/* A queue in memory does not concern it. */
		if (record->hold != HOLD_SUSPENSION) {
			record->hold = HOLD_NOTHING;
			record->until = 0;
		}
	}
}

/* ---- the answer ---- */

static void
add_record(struct explaining *explaining,
    const struct message_explained_recipient *record)
{
	size_t before = explaining->list.len;

	if (!message_put_explained_recipient(&explaining->list, record))
		buf_shorten(&explaining->list, explaining->list.len - before);
}

static void
explain_recipient(
    struct explaining *explaining, const struct message_route_found *route)
{
	struct message_explained_recipient record = {
	    .number = route->number,
	    .transport = route->transport,
	    .next_hop = route->next_hop,
	};
	struct transport *transport = NULL;

	if (route->result == LOOKUP_FOUND)
		transport = transport_find(route->transport);
	if (transport == NULL) {
		record.hold = HOLD_NO_TRANSPORT;
		record.text = route->text.len > 0
		    ? route->text
		    : SPAN("address resolver failure");
	} else if (explaining->message != NULL) {
		explain_in_memory(explaining->message, &record);
	} else {
		explain_transport(&record, transport, route->address);
	}
	add_record(explaining, &record);
}

/* Lookup's questions are the ones that were asked. */
static void
ask_lookup(struct explaining *explaining, struct span list)
{
	int64_t deadline = loop_deadline(LOOKUP_PATIENCE);
	struct conversation *conversation =
	    switchboard_converse("lookup", deadline, NULL);
	struct message_route question = {
	    .sender = explaining->sender, .list = list};
	struct message_routes routes;
	struct message_route_found found;
	struct frame frame = {.flags = 0};

	if (conversation == NULL)
		return;
	conversation_send_route(conversation, &question);
	while ((frame.flags & FRAME_LAST) == 0 &&
	    conversation_expect(
		conversation, MESSAGE_ROUTES, deadline, &frame, NULL) &&
	    message_get_routes(frame.payload, &routes)) {
		explaining->message = message_find(&explaining->id);
		while (message_take_route_found(&routes.list, &found))
			explain_recipient(explaining, &found);
	}
	conversation_close(conversation);
}

static enum explained_state
state_of(const struct queue_id *id)
{
	const struct message *message = message_find(id);

	if (message != NULL)
		return message->settled ? EXPLAINED_ENDING
					: EXPLAINED_IN_MEMORY;
	return claim_is_possible(id) ? EXPLAINED_ON_DISK : EXPLAINED_BEING_READ;
}

static void
send_explanation(
    struct conversation *conversation, const struct explaining *explaining)
{
	struct message_explanation explanation = {
	    .state = state_of(&explaining->id),
	    .has_room = message_has_room(),
	    .messages = message_count(),
	    .recipients = message_recipient_count(),
	    .list = buf_span(&explaining->list),
	};

	conversation_send_explanation(conversation, &explanation);
}

void
explain_serve(struct conversation *conversation, struct frame *first)
{
	struct message_explain question;
	struct explaining explaining = {.message = NULL};

	if (!message_get_explain(first->payload, &question) ||
	    !id_parse(question.queue_id, &explaining.id)) {
		struct message_reply reply = {
		    .code = 501, .text = SPAN("no queue id")};

		conversation_send_reply(conversation, &reply);
		return;
	}
	explaining.sender = question.sender;
	buf_init(&explaining.list, LIST_MAXIMUM);
	if (question.list.len > 0)
		ask_lookup(&explaining, question.list);
	send_explanation(conversation, &explaining);
	buf_finish(&explaining.list);
}
