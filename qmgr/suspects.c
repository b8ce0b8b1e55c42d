/* SPDX-License-Identifier: MIT */
#include "qmgr/suspects.h"

#include "lib/base/hash.h"
#include "lib/daemon/flight.h"
#include "lib/daemon/service.h"
#include "lib/loop/loop.h"
#include "lib/queue/segment.h"

#include "qmgr/turn.h"

enum {
	LIST_PATIENCE = 2000,  /* milliseconds, for master's first word */
	DEATH_PATIENCE = 3000, /* the same about an agent */
	POLL_INTERVAL = 10
};

/* What an id may be in the table. */
static char suspected;
static char guilty;

/* The process has one set of suspects. */
static struct {
	struct hash *ids; /* NULL until the first */
	bool was_told;
	bool has_segments; /* that are suspected */
	struct hash *dead; /* process numbers of agents */
	struct turn alone;
	bool has_turn; /* `alone` is initialised */
	unsigned readers;
	struct loop_signal quiet;
} suspects;

static struct hash *
table(struct hash **hash)
{
	if (*hash == NULL)
		*hash = hash_create();
	return *hash;
}

static void
take_segment(uint32_t segment, bool is_guilty, const struct suspects_events *to)
{
	if (is_guilty)
		to->guilty_segment(segment);
	else
		suspects.has_segments = true;
}

static void
take_message(const struct queue_id *id, bool is_guilty,
    const struct suspects_events *events)
{
	hash_put(table(&suspects.ids), span_text(id->text),
	    is_guilty ? &guilty : &suspected);
	if (is_guilty)
		events->guilty(id);
	else
		events->suspected(id);
}

void
suspects_take(struct frame *frame, const struct suspects_events *events)
{
	struct message_suspects message;
	struct message_suspect record;
	struct queue_id id;
	uint32_t segment;

	suspects.was_told = true;
	if (!message_get_suspects(frame->payload, &message))
		return;
	while (message_take_suspect(&message.list, &record))
		if (segment_name_parse(record.queue_id, &segment))
			take_segment(segment, record.is_guilty, events);
		else if (id_parse(record.queue_id, &id))
			take_message(&id, record.is_guilty, events);
}

static const char *
standing(const struct queue_id *id)
{
	return suspects.ids == NULL
	    ? NULL
	    : hash_get(suspects.ids, span_text(id->text));
}

bool
suspects_has(const struct queue_id *id)
{
	return standing(id) != NULL;
}

bool
suspects_has_guilty(const struct queue_id *id)
{
	return standing(id) == &guilty;
}

void
suspects_drop(const struct queue_id *id)
{
	if (suspects.ids != NULL)
		hash_remove(suspects.ids, span_text(id->text));
}

void
suspects_forget(struct span name)
{
	struct message_set_aside message = {name};
	struct buf payload;

	if (suspects.ids != NULL)
		hash_remove(suspects.ids, name);
	buf_init(&payload, FRAME_PAYLOAD_MAXIMUM);
	must(message_put_set_aside(&payload, &message));
	service_tell_master(MESSAGE_SET_ASIDE, buf_span(&payload));
	buf_finish(&payload);
}

void
suspects_wait_list(void)
{
	int64_t deadline = loop_now() + LIST_PATIENCE;

	while (!suspects.was_told && loop_now() < deadline)
		loop_sleep_until(loop_now() + POLL_INTERVAL);
}

/* ---- agents ---- */

static struct span
key_of(const uint64_t *process)
{
	return span_of(process, sizeof *process);
}

void
suspects_take_death(struct frame *frame)
{
	struct message_agent_died died;

	if (message_get_agent_died(frame->payload, &died))
		hash_put(
		    table(&suspects.dead), key_of(&died.process), &suspects);
}

void
suspects_note_agent(uint64_t process)
{
	hash_remove(table(&suspects.dead), key_of(&process));
}

void
suspects_wait_death(uint64_t process)
{
	int64_t deadline = loop_now() + DEATH_PATIENCE;

	while (hash_get(table(&suspects.dead), key_of(&process)) == NULL &&
	    loop_now() < deadline)
		loop_sleep_until(loop_now() + POLL_INTERVAL);
}

/* ---- access ---- */

static void
begin_alone(void)
{
	turn_take(&suspects.alone);
	while (suspects.readers > 0)
		must(loop_signal_wait(&suspects.quiet, LOOP_NO_DEADLINE));
}

/* The usual case does not wait. */
static void
begin_with_others(void)
{
	if (!suspects.alone.taken) {
		suspects.readers++;
		return;
	}
	turn_take(&suspects.alone);
	suspects.readers++;
	turn_give(&suspects.alone);
}

static void
begin(struct suspects_access *access, bool is_alone)
{
	if (!suspects.has_turn)
		turn_init(&suspects.alone);
	suspects.has_turn = true;
	access->slot = NULL;
	access->is_alone = is_alone;
	if (is_alone)
		begin_alone();
	else
		begin_with_others();
}

void
suspects_begin_access(
    struct suspects_access *access, const char *what, const struct queue_id *id)
{
	begin(access, suspects_has(id));
	access->slot = flight_begin(what, SPAN_EMPTY, span_text(id->text));
}

void
suspects_begin_scan(struct suspects_access *access)
{
	begin(access, suspects.has_segments);
}

void
suspects_end_access(struct suspects_access *access)
{
	flight_end(access->slot);
	if (access->is_alone) {
		turn_give(&suspects.alone);
		return;
	}
	suspects.readers--;
	if (suspects.readers == 0)
		loop_signal_raise(&suspects.quiet);
}
