/* SPDX-License-Identifier: MIT */
#include "lib/daemon/agent.h"

#include "lib/daemon/flight.h"
#include "lib/daemon/request.h"
#include "lib/daemon/service.h"
#include "lib/loop/loop.h"

enum {
	DIAL_PATIENCE = 60, /* seconds for one try */
	PAUSE = 1,          /* seconds before another try */
	DEFAULT_SLOTS = 100,
	NUMBERS_IN_FRAME = 4096,
	/* Bytes of a frame besides its list of results. */
	FIELDS_MAXIMUM = 256
};

/* A delivery in hand, from its request to qmgr's acknowledgement. */
struct task {
	struct list node;
	struct delivery *delivery;
	bool is_delivered;            /* only the result is left */
	struct loop_signal connected; /* there is a new qmgr */
};

/* The process is one agent, so its state is one static object. */
static struct {
	agent_deliver *deliver;
	struct peer *qmgr; /* NULL: no connection */
	struct list tasks;
	struct loop_signal lost;
} agent;

/* ---- results ---- */

static bool
put_status(struct buf *list, const struct delivery_recipient *recipient)
{
	const struct delivery_result *result = &recipient->result;

	return message_put_recipient_status(list,
	    &(struct message_recipient_status){
		.number = recipient->request.number,
		.outcome = result->outcome,
		.dsn = result->dsn,
		.text = result->text,
		.remote = result->remote,
		.reply = result->reply,
		.at_hello = result->at_hello,
	    });
}

/* Puts as many results as a frame takes into *list, the first one being that of
 * recipient `next`; returns the number of the one after the last. */
static size_t
fill_statuses(const struct delivery *delivery, size_t next, struct buf *list)
{
	size_t first = next;

	buf_clear(list);
	for (; next < delivery->count; next++) {
		size_t before = list->len;

		if (put_status(list, &delivery->recipients[next]))
			continue;
		buf_shorten(list, list->len - before);
		break;
	}
	must(next > first);
	return next;
}

static bool
is_acknowledged(struct conversation *conversation)
{
	struct frame frame;

	return conversation_expect(
	    conversation, MESSAGE_ACKNOWLEDGE, LOOP_NO_DEADLINE, &frame, NULL);
}

/* To the qmgr that asked. */
static bool
give_result(struct conversation *conversation, const struct delivery *delivery)
{
	struct buf list;
	size_t next = 0;

	buf_init(&list, FRAME_PAYLOAD_MAXIMUM - FIELDS_MAXIMUM);
	while (next < delivery->count) {
		next = fill_statuses(delivery, next, &list);
		conversation_send_status(
		    conversation, &(struct message_status){buf_span(&list)});
	}
	buf_finish(&list);
	return is_acknowledged(conversation);
}

static bool
give_kept_part(const struct delivery *delivery, struct span list)
{
	struct message_kept kept = {delivery->request.queue_id, list};
	struct conversation *conversation =
	    agent.qmgr == NULL ? NULL : conversation_open(agent.qmgr, NULL);
	bool acknowledged;

	if (conversation == NULL)
		return false;
	conversation_send_kept(conversation, &kept);
	acknowledged = is_acknowledged(conversation);
	conversation_close(conversation);
	return acknowledged;
}

/* To another qmgr than the one that asked. */
static bool
give_kept(const struct delivery *delivery)
{
	struct buf list;
	size_t next = 0;
	bool given = true;

	buf_init(&list, FRAME_PAYLOAD_MAXIMUM - FIELDS_MAXIMUM);
	while (given && next < delivery->count) {
		next = fill_statuses(delivery, next, &list);
		given = give_kept_part(delivery, buf_span(&list));
	}
	buf_finish(&list);
	return given;
}

static void
keep_until_given(struct task *task)
{
	while (!give_kept(task->delivery)) {
		if (agent.qmgr == NULL)
			must(loop_signal_wait(
			    &task->connected, LOOP_NO_DEADLINE));
		else
			loop_sleep_until(loop_deadline(PAUSE));
	}
}

/* ---- deliveries ---- */

static void
defer_forgotten(struct delivery *delivery)
{
	static const struct delivery_result forgotten = {
	    .outcome = DELIVERY_DEFERRED,
	    .dsn = {"4.3.0", 5},
	    .text = {"delivery ended without a result", 31},
	    .relay = {"none", 4},
	};

	for (size_t i = 0; i < delivery->count; i++)
		if (!delivery->recipients[i].is_reported)
			delivery_report(
			    delivery, &delivery->recipients[i], &forgotten);
}

static void
deliver(struct delivery *delivery)
{
	agent.deliver(delivery);
	defer_forgotten(delivery);
	flight_end(delivery->flight);
	delivery->flight = NULL;
}

static void
serve_deliver(struct conversation *conversation, struct frame *first)
{
	struct error error;
	struct task task = {
	    .delivery = request_receive(conversation, first, &error)};

	if (task.delivery == NULL) {
		log_warning(NULL, "request of qmgr: %s", error.text);
		return;
	}
	service_session_begin();
	list_add_last(&agent.tasks, &task.node);
	deliver(task.delivery);
	task.is_delivered = true;
	log_flush();
	if (!give_result(conversation, task.delivery))
		keep_until_given(&task);
	list_remove(&task.node);
	request_destroy(task.delivery);
	service_session_end();
}

/* ---- the connection ---- */

static void
tell_in_flight(const struct delivery *delivery)
{
	struct buf list;
	size_t next = 0;

	buf_init(&list, FRAME_PAYLOAD_MAXIMUM - FIELDS_MAXIMUM);
	while (next < delivery->count) {
		buf_clear(&list);
		for (size_t i = 0;
		     i < NUMBERS_IN_FRAME && next < delivery->count; i++)
			must(message_put_in_flight_recipient(&list,
			    &(struct message_in_flight_recipient){
				delivery->recipients[next++].request.number}));
		peer_notify_in_flight(agent.qmgr,
		    &(struct message_in_flight){
			delivery->request.queue_id, buf_span(&list)});
	}
	buf_finish(&list);
}

/* An agent that drains takes nothing but has results to give. */
static uint32_t
slots(void)
{
	uint32_t dial = service_dial();

	if (service_is_draining())
		return 0;
	return dial == 0 ? DEFAULT_SLOTS : dial;
}

static void
introduce(struct peer *peer)
{
	agent.qmgr = peer;
	peer_notify_agent(peer,
	    &(struct message_agent){span_text(service_name()), slots(),
		service_process(), service_is_alone()});
	list_foreach (node, &agent.tasks) {
		struct task *task = list_element(node, struct task, node);

		if (!task->is_delivered)
			tell_in_flight(task->delivery);
	}
	list_foreach (node, &agent.tasks) {
		struct task *task = list_element(node, struct task, node);

		if (task->is_delivered)
			loop_signal_raise(&task->connected);
	}
}

static void
stay_connected(void *argument UNUSED)
{
	for (;;) {
		struct peer *peer = switchboard_peer(
		    "qmgr", loop_deadline(DIAL_PATIENCE), NULL);

		if (peer == NULL) {
			loop_sleep_until(loop_deadline(PAUSE));
			continue;
		}
		introduce(peer);
		while (agent.qmgr != NULL)
			must(loop_signal_wait(&agent.lost, LOOP_NO_DEADLINE));
	}
}

static void
lose_qmgr(struct peer *peer UNUSED, const struct error *error)
{
	if (error->kind != ERROR_CLOSED)
		log_warning(NULL, "connection to qmgr: %s", error->text);
	agent.qmgr = NULL;
	loop_signal_raise(&agent.lost);
}

void
agent_begin(agent_deliver *deliver_one)
{
	static const struct peer_handler handlers[] = {
	    {.type = MESSAGE_DELIVER, .takes_fd = true, .serve = serve_deliver},
	};
	static const struct peer_settings settings = {
	    .handlers = handlers,
	    .handler_count = COUNT_OF(handlers),
	    .closed = lose_qmgr,
	};

	agent.deliver = deliver_one;
	list_init(&agent.tasks);
	switchboard_set("qmgr", &settings);
	loop_spawn(stay_connected, NULL);
}

bool
agent_tell_transcript(const struct message_transcript *transcript)
{
	if (agent.qmgr == NULL)
		return false;
	peer_notify_transcript(agent.qmgr, transcript);
	return true;
}

void
agent_drain(void)
{
	if (agent.qmgr != NULL)
		peer_notify(agent.qmgr, MESSAGE_AGENT_DRAIN, SPAN_EMPTY);
}
