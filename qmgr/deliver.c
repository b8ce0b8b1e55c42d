/* SPDX-License-Identifier: MIT */
#include "qmgr/deliver.h"

#include "lib/base/clock.h"
#include "lib/daemon/service.h"
#include "lib/log/log.h"

#include "qmgr/decide.h"
#include "qmgr/disk.h"
#include "qmgr/params.h"
#include "qmgr/quarantine.h"
#include "qmgr/suspects.h"
#include "qmgr/wire.h"

enum {
	POOL_MAXIMUM = 8 << 20, /* bytes of a report's texts */
	LOSSES_MAXIMUM = 2      /* of agents; at the next one it is deferred */
};

struct delivery {
	struct list node; /* in the list of all */
	int64_t began;    /* wall clock */
	struct pool *pool;
	struct message *message;
	struct destination *destination;
	struct transport *transport;
	struct agent *agent;
	enum schedule_age age;
	struct report report;
	uint32_t *numbers; /* rising, of the report's recipients */
	enum schedule_outcome outcome;
};

static struct {
	struct list all; /* of them, set up when the first begins */
	size_t count;
	bool stopped;
} deliveries;

size_t
deliver_count(void)
{
	return deliveries.count;
}

void
deliver_stop(void)
{
	deliveries.stopped = true;
}

/* ---- the request ---- */

static void
send_deliver(struct conversation *conversation, const struct delivery *delivery,
    const struct disk_reading *reading, const struct wire_content *content)
{
	const struct message *message = delivery->message;
	const struct stored *stored = reading->stored;
	struct message_deliver deliver = {
	    .queue_id = message_id(message),
	    .service = span_text(delivery->transport->name),
	    .next_hop = delivery->destination->next_hop,
	    .sender = message_sender(message),
	    .flags = message->flags,
	    .arrived = (uint64_t)message->arrival,
	    .activated = (uint64_t)message->activated,
	    .envelope_id = stored->attribute[ATTRIBUTE_ENVELOPE_ID],
	    .ret = wire_ret(stored),
	    .client_name = stored->attribute[ATTRIBUTE_CLIENT_NAME],
	    .client_address = stored->attribute[ATTRIBUTE_CLIENT_ADDRESS],
	    .helo = stored->attribute[ATTRIBUTE_HELO],
	    .protocol = stored->attribute[ATTRIBUTE_PROTOCOL],
	    .header_offset = content->header_offset,
	    .header_size = stored->header.extent.length,
	    .header_flags = wire_content_flags(&stored->header),
	    .body_offset = content->body_offset,
	    .body_size = stored->body.extent.length,
	    .body_flags = wire_content_flags(&stored->body),
	};
	struct buf payload;

	buf_init(&payload, FRAME_PAYLOAD_MAXIMUM);
	must(message_put_deliver(&payload, &deliver));
	conversation_send_fd(
	    conversation, MESSAGE_DELIVER, buf_span(&payload), content->fd);
	buf_finish(&payload);
}

static bool
put_record(struct buf *out, const void *record)
{
	return message_put_deliver_recipient(out, record);
}

/* The address is that of the route. What was read also tells which notices are
 * wanted. */
static void
send_recipients(struct conversation *conversation, struct delivery *delivery,
    const struct disk_reading *reading)
{
	struct wire_list list;

	wire_list_begin(&list, conversation, MESSAGE_DELIVER_RECIPIENTS);
	for (size_t i = 0; i < reading->count; i++) {
		const struct stored_recipient *stored = &reading->recipients[i];
		struct recipient *recipient =
		    delivery->report.results[i].recipient;
		struct message_deliver_recipient record = {
		    .number = recipient->number,
		    .address = recipient->address,
		    .original = stored->orcpt,
		    .original_recipient = stored->original,
		    .notify = stored->flags,
		};

		recipient->notify = stored->flags;
		wire_list_add(&list, put_record, &record);
	}
	wire_list_end(&list);
}

static bool
send_request(struct conversation *conversation, struct delivery *delivery,
    const struct disk_reading *reading, struct error *error)
{
	struct wire_content content = wire_content(reading);

	send_deliver(conversation, delivery, reading, &content);
	if (!wire_send_content(conversation, &content, reading, error))
		return false;
	send_recipients(conversation, delivery, reading);
	return true;
}

/* ---- the report ---- */

/* Reports come in the order of the request, mostly: the search goes on where
 * the last one ended. */
static struct result *
find_pending(struct report *report, uint32_t number, size_t *start)
{
	for (size_t i = 0; i < report->count; i++) {
		size_t at = (*start + i) % report->count;

		if (report->results[at].number == number &&
		    report->results[at].outcome == DELIVERY_PENDING) {
			*start = at + 1;
			return &report->results[at];
		}
	}
	return NULL;
}

static bool
copy_status(struct pool *pool, const struct message_recipient_status *status,
    struct result *result)
{
	result->outcome = (enum delivery_outcome)status->outcome;
	result->at_hello = status->at_hello;
	return status->outcome < DELIVERY_OUTCOME_COUNT &&
	    pool_copy_span(pool, status->dsn, &result->dsn) &&
	    pool_copy_span(pool, status->text, &result->text) &&
	    pool_copy_span(pool, status->remote, &result->remote) &&
	    pool_copy_span(pool, status->reply, &result->reply);
}

bool
deliver_take_statuses(
    struct report *report, struct pool *pool, struct span list, size_t *left)
{
	struct message_recipient_status status;
	size_t start = report->count - *left;

	while (message_take_recipient_status(&list, &status)) {
		struct result *result =
		    find_pending(report, status.number, &start);

		if (result == NULL || !copy_status(pool, &status, result))
			return false;
		--*left;
	}
	return list.len == 0;
}

static bool
receive_report(struct conversation *conversation, struct delivery *delivery,
    struct error *error)
{
	int64_t deadline = loop_deadline(service_common()->ipc_timeout);
	size_t left = delivery->report.count;
	struct message_status status;
	struct frame frame;

	while (left > 0) {
		if (!conversation_expect(
			conversation, MESSAGE_STATUS, deadline, &frame, error))
			return false;
		if (!message_get_status(frame.payload, &status) ||
		    !deliver_take_statuses(
			&delivery->report, delivery->pool, status.list, &left))
			return error_set(error, ERROR_INVALID,
			    "the agent's report makes no sense");
	}
	return true;
}

/* The destination as a whole has failed: in the handshake, or for a reason of
 * network or routing (RFC 3463 x.4.x) without an answer. */
static bool
is_about_destination(const struct result *result)
{
	return result->outcome == DELIVERY_DEFERRED &&
	    (result->at_hello ||
		(result->reply.len == 0 &&
		    span_starts(result->dsn, SPAN("4.4."))));
}

enum schedule_outcome
deliver_judge(const struct report *report)
{
	for (size_t i = 0; i < report->count; i++)
		if (!is_about_destination(&report->results[i]))
			return SCHEDULE_GOOD;
	return SCHEDULE_FAILED;
}

static void
remember_reason(struct delivery *delivery)
{
	const struct result *result = &delivery->report.results[0];
	char *reason;

	if (delivery->outcome != SCHEDULE_FAILED)
		return;
	reason = pool_printf(delivery->pool, "%.*s %.*s",
	    SPAN_ARGS(result->dsn), SPAN_ARGS(result->text));
	schedule_set_reason(delivery->destination, span_text(reason));
}

static void
acknowledge(void *argument)
{
	conversation_send(argument, MESSAGE_ACKNOWLEDGE, 0, SPAN_EMPTY);
}

/* ---- one delivery ---- */

static void
close_all(struct delivery *delivery)
{
	struct message *message = delivery->message;
	size_t count = delivery->report.count;

	for (size_t i = 0; i < count; i++)
		message_close_recipient(
		    message, delivery->report.results[i].recipient);
}

static void
try_again(struct delivery *delivery)
{
	struct message *message = delivery->message;
	struct transport *transport =
	    quarantine_transport(delivery->transport, &message->locator.id);

	for (size_t i = 0; i < delivery->report.count; i++) {
		struct recipient *recipient =
		    delivery->report.results[i].recipient;
		struct destination *destination = delivery->destination;

		if (transport != delivery->transport)
			destination = transport_destination(transport,
			    delivery->destination->next_hop,
			    recipient->address);
		if (schedule_is_suspended(destination, loop_now()))
			decide_suspended_recipient(destination, recipient);
		else
			schedule_add(destination, delivery->age, message,
			    &message->entries, &recipient->node);
	}
	agents_want(transport);
	transport_wake(transport);
}

/* The agent ended in the middle. Once may be bad luck: at once again. */
static void
put_back(struct delivery *delivery, struct span why)
{
	struct message *message = delivery->message;

	if (delivery->agent->peer == NULL)
		suspects_wait_death(delivery->agent->process);
	if (message->order == ORDER_SET_ASIDE) {
		close_all(delivery);
		return;
	}
	if (message->agent_losses++ < LOSSES_MAXIMUM &&
	    message->order == ORDER_NONE && !deliveries.stopped) {
		try_again(delivery);
		return;
	}
	for (size_t i = 0; i < delivery->report.count; i++)
		decide(delivery->report.results[i].recipient, DELIVERY_DEFERRED,
		    "4.3.0", why);
}

/* A file that cannot be read is set aside when it is damaged; nobody else can
 * be told anything about it. */
static void
give_up(struct delivery *delivery, const struct disk_reading *reading)
{
	struct message *message = delivery->message;
	struct log_context context = {.queue_id = message_id(message)};
	struct error error;

	log_error(&context, "queue file: %s", reading->error.text);
	if (reading->result == STORED_FAILED) {
		put_back(delivery, SPAN("queue file read error"));
		return;
	}
	if (reading->result == STORED_CORRUPT) {
		turn_take(&message->turn);
		if (!message->gone && !disk_set_aside(message, &error))
			log_error(&context, "not set aside: %s", error.text);
		turn_give(&message->turn);
	}
	message->gone = true;
	close_all(delivery);
}

static void
converse(struct delivery *delivery, struct conversation *conversation,
    struct disk_reading *reading)
{
	struct log_context context = {
	    .queue_id = message_id(delivery->message)};
	struct error error;
	bool good = send_request(conversation, delivery, reading, &error) &&
	    receive_report(conversation, delivery, &error);

	if (!good) {
		log_warning(&context, "delivery by %s: %s",
		    delivery->transport->name, error.text);
		put_back(delivery, SPAN("delivery agent failed"));
		return;
	}
	delivery->outcome = deliver_judge(&delivery->report);
	remember_reason(delivery);
	report_apply(&delivery->report, acknowledge, conversation);
}

static void
attempt(struct delivery *delivery)
{
	struct disk_reading reading = {
	    .numbers = delivery->numbers,
	    .count = delivery->report.count,
	    .cursor = delivery->report.results[0].recipient->batch->start,
	};
	struct conversation *conversation = NULL;

	if (!disk_read(delivery->message, &reading))
		give_up(delivery, &reading);
	else if (delivery->agent->peer == NULL ||
	    (conversation = conversation_open(delivery->agent->peer, NULL)) ==
		NULL)
		put_back(delivery, SPAN("delivery agent failed"));
	else
		converse(delivery, conversation, &reading);
	conversation_close(conversation);
	disk_finish_reading(&reading);
}

static void
run(void *argument)
{
	struct delivery *delivery = argument;

	attempt(delivery);
	if (schedule_finished(delivery->destination, delivery->age,
		delivery->outcome, loop_now()))
		decide_suspended(delivery->destination);
	agents_release(delivery->agent);
	deliveries.count--;
	list_remove(&delivery->node);
	pool_destroy(delivery->pool);
}

static int
compare_recipients(const void *a, const void *b)
{
	const struct result *left = a;
	const struct result *right = b;

	return (left->number > right->number) - (left->number < right->number);
}

static void
take_choice(struct delivery *delivery, struct choice *choice)
{
	struct report *report = &delivery->report;
	struct list *node;

	delivery->message = choice->message;
	delivery->destination = choice->destination;
	delivery->age = choice->age;
	report->message = choice->message;
	while ((node = list_first(&choice->recipients)) != NULL) {
		struct recipient *recipient =
		    list_element(node, struct recipient, node);

		list_remove(node);
		report->results[report->count++] = (struct result){
		    .number = recipient->number,
		    .recipient = recipient,
		    .outcome = DELIVERY_PENDING,
		};
	}
	qsort(report->results, report->count, sizeof *report->results,
	    compare_recipients);
	for (size_t i = 0; i < report->count; i++)
		delivery->numbers[i] = report->results[i].number;
}

static void
begin(struct transport *transport, struct choice *choice)
{
	struct pool *pool = pool_create(NULL, "delivery", POOL_MAXIMUM);
	struct delivery *delivery = pool_alloc_fitting(pool, sizeof *delivery);

	delivery->pool = pool;
	delivery->transport = transport;
	delivery->outcome = SCHEDULE_NEUTRAL;
	delivery->report.results =
	    pool_alloc_fitting(pool, choice->count * sizeof(struct result));
	delivery->numbers =
	    pool_alloc_fitting(pool, choice->count * sizeof(uint32_t));
	take_choice(delivery, choice);
	delivery->agent = agents_take(transport);
	delivery->began = clock_wall();
	if (deliveries.count++ == 0)
		list_init(&deliveries.all);
	list_init(&delivery->node);
	list_add_last(&deliveries.all, &delivery->node);
	loop_spawn(run, delivery);
}

static bool
serves(const struct delivery *delivery, const struct message *message,
    uint32_t number)
{
	if (delivery->message != message)
		return false;
	for (size_t i = 0; i < delivery->report.count; i++)
		if (delivery->numbers[i] == number)
			return true;
	return false;
}

int64_t
deliver_find(const struct message *message, uint32_t number)
{
	if (deliveries.count == 0)
		return 0;
	list_foreach_safe (node, &deliveries.all) {
		const struct delivery *delivery =
		    list_element(node, struct delivery, node);

		if (serves(delivery, message, number))
			return delivery->began;
	}
	return 0;
}

void
deliver_dispatch(struct transport *transport)
{
	struct choice choice;

	while (!deliveries.stopped && agents_is_available(transport)) {
		if (schedule_next(&transport->lane, loop_now(), &choice)) {
			begin(transport, &choice);
			continue;
		}
		transport_wake_at(transport,
		    schedule_next_time(&transport->lane, loop_now()));
		return;
	}
}

void
deliver_unavailable(struct transport *transport)
{
	log_warning(
	    NULL, "no process delivers for service %s", transport->name);
	transport->unavailable_until =
	    loop_deadline(service_common()->minimal_backoff_time);
	decide_unavailable(transport);
}
