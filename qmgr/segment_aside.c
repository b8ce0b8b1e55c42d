/* SPDX-License-Identifier: MIT */
#include "qmgr/segment_aside.h"

#include "lib/base/list.h"
#include "lib/base/memory.h"
#include "lib/daemon/flight.h"
#include "lib/daemon/service.h"
#include "lib/log/log.h"
#include "lib/loop/offload.h"
#include "lib/queue/segment.h"
#include "lib/queue/store_segments.h"

#include "qmgr/inflow.h"
#include "qmgr/segments.h"
#include "qmgr/suspects.h"

enum {
	POLL_INTERVAL = 100,     /* milliseconds */
	ARRIVAL_PATIENCE = 1000, /* for what cleanup has told of it */
	FAILURE_PAUSE = 5000
};

struct guilty {
	struct list node;
	uint32_t segment;
	bool good;
	struct error error;
};

static struct {
	struct list guilty;
	struct store *store; /* NULL: the queue is not ours yet */
	bool is_begun;
} aside = {.guilty = {&aside.guilty, &aside.guilty}};

/* ---- who reads one ---- */

static void *
begin_reading(const char *segment)
{
	return flight_begin("segment", SPAN_EMPTY, span_text(segment));
}

static void
end_reading(void *slot)
{
	flight_end(slot);
}

void
segment_aside_watch(struct store *store)
{
	static const struct store_watch watch = {begin_reading, end_reading};

	aside.store = store;
	store_watch_segments(store, &watch);
	list_foreach (node, &aside.guilty)
		store_avoid_segment(
		    store, list_element(node, struct guilty, node)->segment);
}

/* ---- cleanup ---- */

static void
tell_one(struct peer *peer, const struct guilty *guilty)
{
	peer_notify_segment_abandon(
	    peer, &(struct message_segment_abandon){guilty->segment});
}

void
segment_aside_tell(struct peer *peer)
{
	list_foreach (node, &aside.guilty)
		tell_one(peer, list_element(node, struct guilty, node));
}

/* ---- setting aside ---- */

static void
job_lock(void *argument)
{
	struct guilty *guilty = argument;

	guilty->good =
	    store_lock_segment(aside.store, guilty->segment, &guilty->error);
}

static void
job_set_aside(void *argument)
{
	struct guilty *guilty = argument;

	guilty->good = store_set_segment_aside(
	    aside.store, guilty->segment, &guilty->error);
}

static bool
lock(struct guilty *guilty)
{
	do {
		offload_run(job_lock, guilty);
		loop_sleep_until(loop_now() +
		    (guilty->good ? ARRIVAL_PATIENCE : POLL_INTERVAL));
	} while (!guilty->good && !service_is_draining());
	return guilty->good;
}

static bool
set_aside(struct guilty *guilty)
{
	while (!segments_empty(guilty->segment) && !service_is_draining())
		loop_sleep_until(loop_now() + POLL_INTERVAL);
	if (service_is_draining())
		return false;
	offload_run(job_set_aside, guilty);
	return guilty->good;
}

static void
run(void *argument)
{
	struct guilty *guilty = argument;
	char name[SEGMENT_NAME_SIZE];
	struct span text;

	segment_name(guilty->segment, name);
	text = span_text(name);
	if (!lock(guilty))
		return;
	while (!set_aside(guilty)) {
		if (service_is_draining())
			return;
		log_error(
		    NULL, "%s: not set aside: %s", name, guilty->error.text);
		loop_sleep_until(loop_now() + FAILURE_PAUSE);
	}
	log_event(NULL, LOG_SEGMENT_SET_ASIDE, log_text("id", text),
	    log_text("queue", span_text(service_common()->queue_directory)));
	suspects_forget(text);
	list_remove(&guilty->node);
	free(guilty);
}

static bool
is_known(uint32_t segment)
{
	list_foreach (node, &aside.guilty)
		if (list_element(node, struct guilty, node)->segment == segment)
			return true;
	return false;
}

void
segment_aside_take(uint32_t segment)
{
	struct guilty *guilty;

	if (is_known(segment))
		return;
	guilty = memory_zero(sizeof *guilty);
	guilty->segment = segment;
	list_add_last(&aside.guilty, &guilty->node);
	if (aside.store != NULL)
		store_avoid_segment(aside.store, segment);
	if (!aside.is_begun)
		return;
	inflow_each(segment_aside_tell);
	loop_spawn(run, guilty);
}

void
segment_aside_begin(void)
{
	aside.is_begun = true;
	list_foreach (node, &aside.guilty)
		loop_spawn(run, list_element(node, struct guilty, node));
}
