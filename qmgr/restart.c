/* SPDX-License-Identifier: MIT */
#include "qmgr/restart.h"

#include "lib/base/hash.h"
#include "lib/base/memory.h"
#include "lib/loop/offload.h"

#include "qmgr/claim.h"
#include "qmgr/decide.h"
#include "qmgr/disk.h"
#include "qmgr/load.h"
#include "qmgr/report.h"

enum {
	AGENTS_PATIENCE = 5000, /* milliseconds, for all to report */
	MASTER_PATIENCE = 1000, /* for the list of them */
	GRACE = 100,            /* for what follows an AGENT */
	POLL_INTERVAL = 20,
	READ_PATIENCE = 20000, /* the same, for a message */
	READ_PAUSE = 1000,     /* after it could not be read */
	PROCESS_KEY = sizeof(uint64_t),
	/* The least that an element takes in a list. */
	IN_FLIGHT_SIZE = 4,
	STATUS_SIZE = 24
};

/* What one agent has in hand of one message. */
struct flight {
	struct list node;
	struct agent *agent;
	struct queue_id id;
	uint32_t count;
	uint32_t numbers[];
};

static struct {
	struct hash *expected; /* process numbers */
	bool was_told;         /* whom to expect */
	bool is_over;
	struct list flights; /* few, and none once the restart is over */
} restart;

void
restart_open(void)
{
	restart.expected = hash_create();
	list_init(&restart.flights);
}

/* ---- whom to wait for ---- */

static struct span
key_of(const uint64_t *process)
{
	return span_of(process, PROCESS_KEY);
}

void
restart_expect(struct frame *frame)
{
	struct message_agents agents;
	struct message_agent_process process;

	restart.was_told = true;
	if (!message_get_agents(frame->payload, &agents))
		return;
	while (message_take_agent_process(&agents.list, &process))
		hash_put(restart.expected, key_of(&process.process),
		    restart.expected);
}

void
restart_registered(struct agent *agent)
{
	hash_remove(restart.expected, key_of(&agent->process));
}

static bool
is_complete(int64_t begun)
{
	int64_t waited = loop_now() - begun;

	if (!restart.was_told)
		return waited >= MASTER_PATIENCE;
	return hash_count(restart.expected) == 0 || waited >= AGENTS_PATIENCE;
}

void
restart_wait(void)
{
	int64_t begun = loop_now();
	bool waited = false;

	while (!restart.is_over && !is_complete(begun)) {
		waited = true;
		loop_sleep_until(loop_now() + POLL_INTERVAL);
	}
	if (waited)
		loop_sleep_until(loop_now() + GRACE);
	restart.is_over = true;
}

/* ---- what is in flight ---- */

static struct flight *
find_flight(const struct queue_id *id, uint32_t number)
{
	list_foreach (node, &restart.flights) {
		struct flight *flight = list_element(node, struct flight, node);

		if (!id_equal(&flight->id, id))
			continue;
		for (uint32_t i = 0; i < flight->count; i++)
			if (flight->numbers[i] == number)
				return flight;
	}
	return NULL;
}

bool
restart_has(const struct queue_id *id, uint32_t number)
{
	return find_flight(id, number) != NULL;
}

bool
restart_has_from(const struct queue_id *id, uint32_t first)
{
	list_foreach (node, &restart.flights) {
		struct flight *flight = list_element(node, struct flight, node);

		if (!id_equal(&flight->id, id))
			continue;
		for (uint32_t i = 0; i < flight->count; i++)
			if (flight->numbers[i] >= first)
				return true;
	}
	return false;
}

static void
free_flight(struct flight *flight)
{
	list_remove(&flight->node);
	free(flight);
}

static struct flight *
create_flight(struct agent *agent, const struct queue_id *id, size_t maximum)
{
	struct flight *flight =
	    memory_zero(sizeof *flight + maximum * sizeof flight->numbers[0]);

	flight->agent = agent;
	flight->id = *id;
	list_add_last(&restart.flights, &flight->node);
	return flight;
}

void
restart_in_flight(struct peer *peer, struct frame *frame)
{
	struct message_in_flight in_flight;
	struct message_in_flight_recipient recipient;
	struct flight *flight;
	struct queue_id id;

	if (agents_of(peer) == NULL ||
	    !message_get_in_flight(frame->payload, &in_flight) ||
	    !id_parse(in_flight.queue_id, &id))
		return;
	flight = create_flight(
	    agents_of(peer), &id, in_flight.list.len / IN_FLIGHT_SIZE + 1);
	while (message_take_in_flight_recipient(&in_flight.list, &recipient))
		flight->numbers[flight->count++] = recipient.number;
}

static struct recipient *
take_held(struct message *message, uint32_t number)
{
	list_foreach_safe (node, &message->held) {
		struct recipient *recipient =
		    list_element(node, struct recipient, node);

		if (recipient->number != number)
			continue;
		list_remove(node);
		return recipient;
	}
	return NULL;
}

/* The agent ended with it: nobody knows what became of it. */
static void
abandon(struct flight *flight)
{
	struct message *message = message_find(&flight->id);

	for (uint32_t i = 0; i < flight->count && message != NULL; i++) {
		struct recipient *recipient =
		    take_held(message, flight->numbers[i]);

		if (recipient != NULL)
			decide(recipient, DELIVERY_DEFERRED, "4.3.0",
			    SPAN("delivery agent failed"));
	}
	free_flight(flight);
}

void
restart_closed(struct agent *agent)
{
	hash_remove(restart.expected, key_of(&agent->process));
	list_foreach_safe (node, &restart.flights) {
		struct flight *flight = list_element(node, struct flight, node);

		if (flight->agent == agent)
			abandon(flight);
	}
}

/* ---- results that were kept ---- */

struct finding {
	struct locator locator;
	struct queue_id id;
	bool found;
	struct error error;
};

static void
job_find(void *argument)
{
	struct finding *finding = argument;

	finding->found = store_find(
	    disk_store(), &finding->id, &finding->locator, &finding->error);
}

/* The message in memory, read from the disk if need be; NULL when there is no
 * such message any more. False when nobody knows: it cannot be read now.
 * Somebody else may be reading it just now. */
static bool
obtain_message(const struct queue_id *id, struct message **message)
{
	int64_t deadline = loop_now() + READ_PATIENCE;
	struct finding finding = {.id = *id};

	while ((*message = message_find(id)) == NULL && loop_now() < deadline) {
		offload_run(job_find, &finding);
		if (!finding.found)
			return finding.error.kind == ERROR_NOT_FOUND;
		load(&finding.locator, LOAD_NOW);
		if (message_find(id) == NULL)
			loop_sleep_until(loop_now() +
			    (claim_is_possible(id) ? READ_PAUSE
						   : POLL_INTERVAL));
	}
	return *message != NULL;
}

/* Notes the numbers as being in flight, so that loading leaves them to us. */
static void
note_kept(struct agent *agent, const struct queue_id *id, struct span list)
{
	struct message_recipient_status status;
	struct flight *flight =
	    create_flight(agent, id, list.len / STATUS_SIZE + 1);

	while (message_take_recipient_status(&list, &status))
		if (!restart_has(id, status.number))
			flight->numbers[flight->count++] = status.number;
	if (flight->count == 0)
		free_flight(flight);
}

static void
forget_number(const struct queue_id *id, uint32_t number)
{
	struct flight *flight = find_flight(id, number);

	if (flight == NULL)
		return;
	for (uint32_t i = 0; i < flight->count; i++)
		if (flight->numbers[i] == number)
			flight->numbers[i] = flight->numbers[--flight->count];
	if (flight->count == 0)
		free_flight(flight);
}

/* A result whose recipient is not held came too late: it was given to somebody
 * else, or is done already. */
static void
collect_result(struct message *message,
    const struct message_recipient_status *status, struct report *report)
{
	struct recipient *recipient =
	    message == NULL ? NULL : take_held(message, status->number);

	if (recipient != NULL)
		report->results[report->count++] = (struct result){
		    .number = status->number,
		    .recipient = recipient,
		    .outcome = status->outcome < DELIVERY_OUTCOME_COUNT
			? (enum delivery_outcome)status->outcome
			: DELIVERY_DEFERRED,
		    .dsn = status->dsn,
		    .text = status->text,
		    .remote = status->remote,
		    .reply = status->reply,
		};
}

/* It has no recipient in memory yet that could be closed. */
static bool
is_unread(const struct message *message, uint32_t number)
{
	return message != NULL && number >= message->first_unread;
}

/* False when they have to be given again: of a recipient that was not read yet
 * the number stays in flight, so that reading leaves it to us. */
static bool
apply_kept(const struct queue_id *id, struct span list)
{
	struct message *message;
	size_t maximum = list.len / STATUS_SIZE + 1;
	struct report report = {.count = 0};
	struct message_recipient_status status;
	bool taken = true;

	if (!obtain_message(id, &message))
		return false;
	report.message = message;
	report.results = memory_alloc(maximum * sizeof(struct result));
	while (message_take_recipient_status(&list, &status)) {
		if (is_unread(message, status.number)) {
			message->is_awaited = true;
			taken = false;
			continue;
		}
		collect_result(message, &status, &report);
		forget_number(id, status.number);
	}
	if (report.count > 0)
		report_apply(&report, NULL, NULL);
	free(report.results);
	return taken;
}

void
restart_serve_kept(struct conversation *conversation, struct frame *first)
{
	struct agent *agent = agents_of(conversation_peer(conversation));
	struct message_kept kept;
	struct queue_id id;
	bool taken = true;

	if (agent == NULL || !message_get_kept(first->payload, &kept))
		return;
	if (id_parse(kept.queue_id, &id)) {
		agent->busy++;
		note_kept(agent, &id, kept.list);
		while (!disk_is_open() || !restart.is_over)
			loop_sleep_until(loop_now() + POLL_INTERVAL);
		taken = apply_kept(&id, kept.list);
		agents_release(agent);
	}
	/* Otherwise the agent comes again with it. */
	if (taken)
		conversation_send(
		    conversation, MESSAGE_ACKNOWLEDGE, 0, SPAN_EMPTY);
}
