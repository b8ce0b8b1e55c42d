/* SPDX-License-Identifier: MIT */
#include "qmgr/quarantine.h"

#include "lib/base/memory.h"
#include "lib/daemon/service.h"
#include "lib/log/log.h"
#include "lib/loop/offload.h"

#include "qmgr/agents.h"
#include "qmgr/claim.h"
#include "qmgr/disk.h"
#include "qmgr/order.h"
#include "qmgr/segment_aside.h"
#include "qmgr/suspects.h"

enum {
	CLAIM_PATIENCE = 60000, /* milliseconds, while somebody reads it */
	POLL_INTERVAL = 20
};

/* An id whose message is to be found. */
struct guilty {
	struct list node;
	struct queue_id id;
};

/* Those that came before the queue was open. */
static struct list early = {&early, &early};

static void
log_set_aside(const struct queue_id *id, bool good, const struct error *error)
{
	struct log_context context = {.queue_id = span_text(id->text)};

	if (!good) {
		log_error(&context, "not set aside: %s", error->text);
		return;
	}
	log_event(&context, LOG_MESSAGE_SET_ASIDE,
	    log_text("id", span_text(id->text)),
	    log_text("queue", span_text(service_common()->queue_directory)));
	suspects_forget(span_text(id->text));
}

/* ---- files ---- */

struct finding {
	struct locator locator;
	bool is_found; /* nothing has to be searched for */
	bool good;
	struct error error;
};

static void
job_set_aside(void *argument)
{
	struct finding *finding = argument;
	struct queue_id id = finding->locator.id;

	finding->good = (finding->is_found ||
			    store_find(disk_store(), &id, &finding->locator,
				&finding->error)) &&
	    store_set_aside(disk_store(), &finding->locator, &finding->error);
}

static void
set_aside(struct finding *finding)
{
	offload_run(job_set_aside, finding);
	if (finding->good || finding->error.kind != ERROR_NOT_FOUND)
		log_set_aside(
		    &finding->locator.id, finding->good, &finding->error);
	else
		suspects_forget(span_text(finding->locator.id.text));
}

void
quarantine_file(const struct locator *locator)
{
	struct finding finding = {.locator = *locator, .is_found = true};

	set_aside(&finding);
}

/* Waits while somebody reads it. One that is in memory by then is set aside
 * when it settles. */
static void
set_aside_by_id(const struct queue_id *id)
{
	struct finding finding = {.locator = {.id = *id}};
	int64_t deadline = loop_now() + CLAIM_PATIENCE;
	bool is_mine = claim_take(id);

	while (!is_mine && message_find(id) == NULL && loop_now() < deadline) {
		loop_sleep_until(loop_now() + POLL_INTERVAL);
		is_mine = claim_take(id);
	}
	if (!is_mine) {
		if (message_find(id) != NULL)
			order_give(message_find(id), ORDER_SET_ASIDE);
		return;
	}
	set_aside(&finding);
	(void)claim_give(id);
}

static void
run_guilty(void *argument)
{
	struct guilty *guilty = argument;

	set_aside_by_id(&guilty->id);
	free(guilty);
}

void
quarantine_begin(void)
{
	struct list *node;

	suspects_wait_list();
	while ((node = list_first(&early)) != NULL) {
		list_remove(node);
		run_guilty(list_element(node, struct guilty, node));
	}
}

void
quarantine_message(struct message *message)
{
	struct error error;
	bool good;

	turn_take(&message->turn);
	good = message->gone || disk_set_aside(message, &error);
	turn_give(&message->turn);
	log_set_aside(&message->locator.id, good, &error);
}

/* ---- orders ---- */

static void
take_guilty(const struct queue_id *id)
{
	struct message *message = message_find(id);
	struct guilty *guilty;

	if (message != NULL && !message->settled) {
		order_give(message, ORDER_SET_ASIDE);
		return;
	}
	guilty = memory_zero(sizeof *guilty);
	guilty->id = *id;
	list_init(&guilty->node);
	if (disk_is_open())
		loop_spawn(run_guilty, guilty);
	else
		list_add_last(&early, &guilty->node);
}

struct transport *
quarantine_transport(struct transport *transport, const struct queue_id *id)
{
	return suspects_has(id) ? transport_alone(transport) : transport;
}

static void
move_entry(struct entry *entry)
{
	struct destination *before = entry->destination;
	struct transport *transport = transport_of(before);
	struct message *message = entry->message;
	enum schedule_age age = entry->age;
	struct list recipients;
	struct list *node;

	if (transport->is_alone)
		return;
	transport = transport_alone(transport);
	list_init(&recipients);
	schedule_take(entry, &recipients);
	while ((node = list_first(&recipients)) != NULL) {
		struct recipient *recipient =
		    list_element(node, struct recipient, node);

		list_remove(node);
		schedule_add(transport_destination(transport, before->next_hop,
				 recipient->address),
		    age, message, &message->entries, node);
	}
	agents_want(transport);
	transport_wake(transport);
}

/* What waits of it waits for a process of its own from now on. */
static void
take_suspected(const struct queue_id *id)
{
	struct message *message = message_find(id);

	if (message == NULL)
		return;
	list_foreach_safe (node, &message->entries)
		move_entry(list_element(node, struct entry, of_message));
}

void
quarantine_take(struct frame *frame)
{
	static const struct suspects_events events = {
	    .guilty = take_guilty,
	    .suspected = take_suspected,
	    .guilty_segment = segment_aside_take,
	};

	suspects_take(frame, &events);
}
