/* SPDX-License-Identifier: MIT */
#include "qmgr/assign.h"

#include "lib/ipc/switchboard.h"
#include "lib/param/word_list.h"

#include "qmgr/agents.h"
#include "qmgr/decide.h"
#include "qmgr/params.h"
#include "qmgr/quarantine.h"

enum {
	DIAL_PATIENCE = 30,    /* seconds */
	ANSWER_PATIENCE = 300, /* seconds */
	LETTER_RECIPIENTS = 50
};

static uint32_t newest_generation;

bool
assign_is_current(uint32_t generation)
{
	if (generation > newest_generation)
		newest_generation = generation;
	return generation == newest_generation;
}

/* A message's first recipients are a letter, the others a list. */
static enum schedule_age
age_of(struct message *message)
{
	if (message->age != AGE_FRESH)
		return message->age;
	return message->queued++ < LETTER_RECIPIENTS ? AGE_FRESH : AGE_LIST;
}

/* Who asks for the flush of a site knows that it works again: what was held
 * against it before counts no more. */
static void
forgive_if_flushed(
    struct destination *destination, const struct message *message)
{
	int64_t since =
	    destination->suspended_until - destination->lane->limits.suspension;

	if (message->flushed > 0 && destination->suspended_until > 0 &&
	    since <= message->flushed)
		schedule_forgive(destination);
}

static void
assign_to_agents(struct transport *transport, struct recipient *recipient,
    struct span next_hop)
{
	struct message *message = recipient->batch->message;
	struct destination *destination;

	transport = quarantine_transport(transport, &message->locator.id);
	if (transport->unavailable_until > loop_now()) {
		decide_unavailable_recipient(transport, recipient);
		return;
	}
	destination =
	    transport_destination(transport, next_hop, recipient->address);
	forgive_if_flushed(destination, message);
	if (schedule_is_suspended(destination, loop_now())) {
		decide_suspended_recipient(destination, recipient);
		return;
	}
	schedule_add(destination, age_of(message), message, &message->entries,
	    &recipient->node);
	agents_want(transport);
	transport_wake(transport);
}

void
assign(struct recipient *recipient, struct span name, struct span next_hop)
{
	struct message *message = recipient->batch->message;
	struct transport *transport;
	enum transport_kind kind;

	/* Ordered while the route was looked up. */
	if (message->order != ORDER_NONE) {
		message_close_recipient(message, recipient);
		return;
	}
	if (!message->is_asked_for &&
	    word_list_has(span_text(params.defer_transports), name)) {
		decide(recipient, DELIVERY_DEFERRED, "4.3.2",
		    SPAN("deferred transport"));
		return;
	}
	transport = transport_find(name);
	kind = transport == NULL ? TRANSPORT_MISSING : transport->kind;
	switch (kind) {
	case TRANSPORT_AGENT:
		assign_to_agents(transport, recipient, next_hop);
		break;
	case TRANSPORT_ERROR:
		decide(recipient, DELIVERY_BOUNCED, "5.0.0", next_hop);
		break;
	case TRANSPORT_RETRY:
		decide(recipient, DELIVERY_DEFERRED, "4.0.0", next_hop);
		break;
	case TRANSPORT_DISCARD:
		decide(recipient, DELIVERY_SENT, "2.0.0", next_hop);
		break;
	case TRANSPORT_MISSING:
		decide_unavailable_recipient(transport, recipient);
		break;
	}
}

/* ---- lookup ---- */

static bool
put_question(struct buf *list, const struct recipient *recipient)
{
	struct message_route_recipient record = {
	    recipient->number, recipient->address};
	size_t before = list->len;

	if (message_put_route_recipient(list, &record))
		return true;
	buf_shorten(list, list->len - before);
	return false;
}

/* Moves as many recipients as a frame takes from *recipients to *asked. */
static void
send_question(struct conversation *conversation, struct message *message,
    struct list *recipients, struct list *asked)
{
	struct message_route route = {.sender = message_sender(message)};
	struct list *node;
	struct buf list;

	buf_init(&list,
	    FRAME_PAYLOAD_MAXIMUM - route.sender.len - 2 * sizeof(uint32_t));
	while ((node = list_first(recipients)) != NULL &&
	    put_question(&list, list_element(node, struct recipient, node))) {
		list_remove(node);
		list_add_last(asked, node);
	}
	route.list = buf_span(&list);
	conversation_send_route(conversation, &route);
	buf_finish(&list);
}

static struct recipient *
take_first(struct list *recipients)
{
	struct list *node = list_first(recipients);

	if (node == NULL)
		return NULL;
	list_remove(node);
	return list_element(node, struct recipient, node);
}

static void
take_route(struct recipient *recipient, const struct message_route_found *route)
{
	struct span address = route->address;

	if (route->result != LOOKUP_FOUND) {
		decide_later(recipient, "4.3.0",
		    route->text.len > 0 ? route->text
					: SPAN("address resolver failure"));
		return;
	}
	if (address.len > 0 && !span_equal(address, recipient->address) &&
	    !pool_copy_span(
		recipient->batch->pool, address, &recipient->address)) {
		decide_later(recipient, "4.3.0", SPAN("out of memory"));
		return;
	}
	assign(recipient, route->transport, route->next_hop);
}

/* Answers come in the order of the questions, in as many frames as needed. */
static bool
take_answer(
    struct conversation *conversation, struct list *asked, struct error *error)
{
	struct message_routes routes;
	struct message_route_found found;
	struct recipient *recipient;
	struct frame frame;

	if (!conversation_expect(conversation, MESSAGE_ROUTES,
		loop_deadline(ANSWER_PATIENCE), &frame, error))
		return false;
	if (!message_get_routes(frame.payload, &routes) || routes.list.len == 0)
		return error_set(error, ERROR_INVALID, "unreadable answer");
	(void)assign_is_current(routes.generation);
	while (message_take_route_found(&routes.list, &found) &&
	    (recipient = take_first(asked)) != NULL)
		take_route(recipient, &found);
	return true;
}

/* One frame of questions and its answer. */
static bool
ask(struct message *message, struct list *recipients, struct list *asked,
    struct error *error)
{
	struct conversation *conversation =
	    switchboard_converse("lookup", loop_deadline(DIAL_PATIENCE), error);
	bool good = true;

	if (conversation == NULL)
		return false;
	send_question(conversation, message, recipients, asked);
	while (good && !list_is_empty(asked))
		good = take_answer(conversation, asked, error);
	conversation_close(conversation);
	return good;
}

static void
defer_all(struct list *recipients)
{
	struct recipient *recipient;

	while ((recipient = take_first(recipients)) != NULL)
		decide_later(
		    recipient, "4.3.0", SPAN("address resolver failure"));
}

void
assign_by_lookup(struct message *message, struct list *recipients)
{
	struct list asked;
	struct error error;

	list_init(&asked);
	while (!list_is_empty(recipients))
		if (!ask(message, recipients, &asked, &error)) {
			defer_all(&asked);
			defer_all(recipients);
		}
}
