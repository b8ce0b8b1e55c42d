/* SPDX-License-Identifier: MIT */
#include "qmgr/segments.h"

#include "lib/base/hash.h"
#include "lib/base/memory.h"
#include "lib/log/log.h"
#include "lib/loop/offload.h"
#include "lib/queue/store_segments.h"

#include "qmgr/claim.h"
#include "qmgr/scan.h"
#include "qmgr/space.h"
#include "qmgr/suspects.h"

enum {
	TIDY_INTERVAL = 5000, /* milliseconds */
	POLL_INTERVAL = 20,
	MOVERS = 16,
	LEAVE_TRIES = 10
};

/* A record that waits for its write, on the stack of its coroutine. */
struct waiting {
	struct list node;
	struct loop_signal over;
	bool good;
	struct error error;
};

/* A coroutine, on its stack, that waits for the records to be ours. */
struct expecting {
	struct list node;
	struct loop_signal over;
};

/* Who has to be told when the segment is free. */
struct owner {
	struct list node;
	struct peer *peer;
	struct locator_segment segment;
};

static struct {
	struct store *store;
	struct list waiting;
	struct loop_work turn;
	struct loop_timer sync_timer;
	struct loop_timer tidy_timer;
	struct list owners;
	struct list expecting;
	bool is_syncing;
	bool is_tidying;
	bool is_leaving;
	bool (*is_quiet)(void);
} segments = {
    .waiting = {&segments.waiting, &segments.waiting},
    .owners = {&segments.owners, &segments.owners},
    .expecting = {&segments.expecting, &segments.expecting},
};

/* ---- free segments ---- */

static void
send_free(struct peer *peer, const struct locator_segment *freed)
{
	peer_notify_segment_free(peer,
	    &(struct message_segment_free){
		.segment = freed->segment,
		.generation = freed->generation,
		.messages = freed->number,
	    });
}

/* One whose owner is not there now is asked about again. */
static void
tell_owner(const struct locator_segment *freed)
{
	list_foreach_safe (node, &segments.owners) {
		struct owner *owner = list_element(node, struct owner, node);

		if (owner->segment.segment != freed->segment ||
		    owner->segment.generation != freed->generation)
			continue;
		send_free(owner->peer, freed);
		list_remove(node);
		free(owner);
	}
}

static void
tell_free(void)
{
	struct locator_segment freed;

	while (store_next_free_segment(segments.store, &freed))
		tell_owner(&freed);
}

void
segments_take_full(struct peer *peer, struct frame *frame)
{
	struct message_segment_full message;
	struct locator_segment full;
	struct owner *owner;
	struct error error;
	bool is_free;

	if (!message_get_segment_full(frame->payload, &message)) {
		log_warning(
		    NULL, "%s sent a wrong SEGMENT_FULL", peer_name(peer));
		return;
	}
	full = (struct locator_segment){
	    .segment = message.segment,
	    .number = message.messages,
	    .generation = message.generation,
	};
	owner = memory_alloc(sizeof *owner);
	owner->peer = peer;
	owner->segment = full;
	list_add_last(&segments.owners, &owner->node);
	if (segments.store == NULL)
		return;
	if (!store_segment_full(segments.store, &full, &is_free, &error))
		log_warning(NULL, "full segment: %s", error.text);
	else if (is_free)
		tell_owner(&full);
	tell_free();
}

void
segments_lost(const struct peer *peer)
{
	list_foreach_safe (node, &segments.owners) {
		struct owner *owner = list_element(node, struct owner, node);

		if (owner->peer != peer)
			continue;
		list_remove(node);
		free(owner);
	}
}

/* ---- records ---- */

struct sync {
	bool good;
	struct error error;
};

static void
job_sync(void *argument)
{
	struct sync *sync = argument;

	sync->good = store_sync_done(segments.store, &sync->error);
}

static void
run_sync(void *argument UNUSED)
{
	struct sync sync;

	offload_run(job_sync, &sync);
	if (!sync.good)
		log_error(NULL, "done records: %s", sync.error.text);
	segments.is_syncing = false;
}

static void
sync_due(struct loop_timer *timer)
{
	if (!store_wants_done_sync(segments.store))
		return;
	loop_timer_start(
	    timer, loop_now() + STORE_DONE_INTERVAL, sync_due, NULL);
	if (segments.is_syncing)
		return;
	segments.is_syncing = true;
	loop_spawn(run_sync, NULL);
}

static void
flush(struct loop_work *work UNUSED)
{
	struct error error;
	bool good = store_flush_done(segments.store, &error);
	struct list *node;

	while ((node = list_first(&segments.waiting)) != NULL) {
		struct waiting *waiting =
		    list_element(node, struct waiting, node);

		list_remove(node);
		waiting->good = good;
		if (!good)
			waiting->error = error;
		loop_signal_raise(&waiting->over);
	}
	if (segments.sync_timer.heap_index == 0)
		loop_timer_start(&segments.sync_timer,
		    loop_now() + STORE_DONE_INTERVAL, sync_due, NULL);
	tell_free();
}

static bool
wait_for_flush(struct error *error)
{
	struct waiting waiting = {.good = false};

	list_add_last(&segments.waiting, &waiting.node);
	loop_at_turn_end(&segments.turn, flush, NULL);
	must(loop_signal_wait(&waiting.over, LOOP_NO_DEADLINE));
	if (!waiting.good && error != NULL)
		*error = waiting.error;
	return waiting.good;
}

void
segments_wait(const struct locator *locator)
{
	struct expecting expecting = {.over = {.raised = false}};

	if (segments.store != NULL || !store_is_light(locator))
		return;
	list_add_last(&segments.expecting, &expecting.node);
	must(loop_signal_wait(&expecting.over, LOOP_NO_DEADLINE));
}

/* Of a segment that is gone nothing is left to be done. */
bool
segments_done(const struct locator *locator, struct error *error)
{
	struct error failure;

	segments_wait(locator);
	if (store_done_soon(segments.store, locator, &failure))
		return wait_for_flush(error);
	if (error != NULL)
		*error = failure;
	return failure.kind == ERROR_NOT_FOUND;
}

bool
segments_mark(const struct locator *locator, const struct store_report *report,
    struct error *error)
{
	segments_wait(locator);
	return store_mark_soon(segments.store, locator, report->marks,
		   report->mark_count, error) &&
	    wait_for_flush(error);
}

/* ---- what pins a segment ---- */

struct moving {
	struct locator locator;
	bool good;
	struct error error;
};

static void
job_move_out(void *argument)
{
	struct moving *moving = argument;

	moving->good =
	    store_move_out(segments.store, &moving->locator, &moving->error);
}

static bool
run_move(struct moving *moving)
{
	struct log_context context = {
	    .queue_id = span_text(moving->locator.id.text)};

	space_run(job_move_out, moving, &moving->good, &moving->error);
	if (!moving->good && moving->error.kind != ERROR_NOT_FOUND)
		log_error(&context, "not moved out of its segment: %s",
		    moving->error.text);
	return moving->good;
}

/* A message in memory, between two things that are done with its file. */
static void
move_message(struct message *message)
{
	struct moving moving;

	message_use(message);
	turn_take(&message->turn);
	moving.locator = message->locator;
	if (!message->dead && !message->gone &&
	    store_is_light(&message->locator) && run_move(&moving))
		message->locator = moving.locator;
	turn_give(&message->turn);
	message_release(message);
}

static void
move(const struct locator *locator)
{
	struct message *message = message_find(&locator->id);
	struct moving moving = {.locator = *locator};

	if (message != NULL) {
		move_message(message);
	} else if (claim_take(&locator->id)) {
		if (run_move(&moving))
			scan_want_message(&moving.locator, LOAD_INCOMING);
		(void)claim_give(&locator->id);
	}
}

bool
segments_empty(uint32_t segment)
{
	struct hash_cursor cursor = {0};
	struct message *message;

	while ((message = message_next(&cursor)) != NULL) {
		if (message->locator.in.segment != segment || message->gone)
			continue;
		/* Meanwhile the table may change. */
		move_message(message);
		return false;
	}
	return true;
}

struct tidying {
	struct locator *old;
	size_t count;
	size_t next;
	unsigned movers;
	struct loop_signal ended; /* a mover */
	bool has_orphans;
	bool good;
	struct error error;
};

static void
job_tidy(void *argument)
{
	struct tidying *tidying = argument;

	tidying->good = store_tidy_segments(segments.store,
			    &tidying->has_orphans, &tidying->error) &&
	    store_list_old(segments.store, &tidying->old, &tidying->count,
		&tidying->error);
}

static void
tell_report(void)
{
	struct error report;

	if (store_take_report(segments.store, &report))
		log_error(NULL, "%s", report.text);
}

/* Several at a time share the fsync of the directory. */
static void
run_mover(void *argument)
{
	struct tidying *tidying = argument;

	while (tidying->next < tidying->count && !segments.is_leaving)
		move(&tidying->old[tidying->next++]);
	tidying->movers--;
	loop_signal_raise(&tidying->ended);
}

static void
move_old(struct tidying *tidying)
{
	for (; tidying->movers < MOVERS && tidying->movers < tidying->count;
	     tidying->movers++)
		loop_spawn(run_mover, tidying);
	while (tidying->movers > 0)
		must(loop_signal_wait(&tidying->ended, LOOP_NO_DEADLINE));
}

static void
tidy(void *argument UNUSED)
{
	struct tidying tidying = {.old = NULL};
	struct suspects_access access;

	suspects_begin_scan(&access);
	offload_run(job_tidy, &tidying);
	suspects_end_access(&access);
	if (!tidying.good)
		log_error(NULL, "queue segments: %s", tidying.error.text);
	move_old(&tidying);
	free(tidying.old);
	if (tidying.has_orphans)
		scan_want_incoming();
	segments.is_tidying = false;
	tell_report();
	tell_free();
}

static void
tidy_due(struct loop_timer *timer)
{
	if (segments.is_leaving)
		return;
	loop_timer_start(timer, loop_now() + TIDY_INTERVAL, tidy_due, NULL);
	if (segments.is_tidying)
		return;
	segments.is_tidying = true;
	loop_spawn(tidy, NULL);
}

/* What cleanup told before the queue was ours counts from now on. */
void
segments_begin(struct store *store)
{
	struct list *expecting;

	segments.store = store;
	while ((expecting = list_first(&segments.expecting)) != NULL) {
		list_remove(expecting);
		loop_signal_raise(
		    &list_element(expecting, struct expecting, node)->over);
	}
	list_foreach_safe (node, &segments.owners) {
		struct owner *owner = list_element(node, struct owner, node);
		struct locator_segment full = owner->segment;
		bool is_free;

		if (store_segment_full(store, &full, &is_free, NULL) && is_free)
			tell_owner(&full);
	}
	tell_free();
	tidy_due(&segments.tidy_timer);
}

/* ---- the end ---- */

struct leaving {
	struct store_recovery recovery;
	bool good;
	struct error error;
};

static void
job_leave(void *argument)
{
	struct leaving *leaving = argument;

	leaving->good =
	    store_recover(segments.store, &leaving->recovery, &leaving->error);
}

static void
wait_until_quiet(void)
{
	do
		loop_sleep_until(loop_now() + POLL_INTERVAL);
	while (
	    !segments.is_quiet() || segments.is_syncing || segments.is_tidying);
}

/* A message that was being read from the disk may still be put off, and stands
 * in the way then. */
static void
leave(void *argument UNUSED)
{
	struct leaving leaving = {.good = false};

	for (int i = 0; i < LEAVE_TRIES && !leaving.good; i++) {
		wait_until_quiet();
		space_run(job_leave, &leaving, &leaving.good, &leaving.error);
	}
	loop_timer_stop(&segments.sync_timer);
	tell_report();
	if (!leaving.good)
		log_error(NULL,
		    "the stop is not clean, %zu segments remain: %s",
		    leaving.recovery.left, leaving.error.text);
	segments.is_leaving = false;
}

void
segments_leave(bool (*is_quiet)(void))
{
	if (segments.store == NULL || segments.is_leaving)
		return;
	segments.is_leaving = true;
	segments.is_quiet = is_quiet;
	loop_spawn(leave, NULL);
}

bool
segments_are_leaving(void)
{
	return segments.is_leaving;
}
