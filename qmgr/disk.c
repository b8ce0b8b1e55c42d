/* SPDX-License-Identifier: MIT */
#include "qmgr/disk.h"

#include "lib/base/clock.h"
#include "lib/daemon/service.h"
#include "lib/log/log.h"
#include "lib/loop/offload.h"
#include "lib/queue/spool_lock.h"
#include "lib/queue/store_segments.h"

#include "qmgr/segment_aside.h"
#include "qmgr/segments.h"
#include "qmgr/space.h"
#include "qmgr/suspects.h"

enum {
	LOCK_INTERVAL = 200, /* milliseconds between two tries */
	OWN_INTERVAL = 5000,
	SYNC_INTERVAL = 800, /* and a fifth of a second for the sync itself */
	SYNCERS = 16
};

/* The process has one queue. */
static struct {
	struct store *store;
	int lock_fd;
	struct list unsynced; /* messages */
	bool is_syncing;
	struct loop_timer timer;
	struct backoff_clock clock;
} disk;

struct store *
disk_store(void)
{
	return disk.store;
}

bool
disk_is_open(void)
{
	return disk.store != NULL;
}

bool
disk_clock_is_sane(void)
{
	if (backoff_clock_check(&disk.clock, clock_wall(), clock_monotonic()))
		log_error(NULL,
		    disk.clock.jumped
			? "the clock was set by more than an hour: no message "
			  "expires until it is right or qmgr is restarted"
			: "the clock is right again: messages expire");
	return !disk.clock.jumped;
}

/* ---- jobs on one message ---- */

struct job {
	struct store *store;
	struct locator locator;
	const struct store_report *report;
	bool states_written;
	int64_t due;
	bool good;
	struct error error;
};

static void
job_record(void *argument)
{
	struct job *job = argument;

	job->good = store_record(job->store, &job->locator, job->report,
	    &job->states_written, &job->error);
}

static void
job_done(void *argument)
{
	struct job *job = argument;

	job->good = store_done(job->store, &job->locator, &job->error);
}

static void
job_defer(void *argument)
{
	struct job *job = argument;

	job->good =
	    store_defer(job->store, &job->locator, job->due, &job->error);
}

static void
job_hold(void *argument)
{
	struct job *job = argument;

	job->good = store_hold(job->store, &job->locator, &job->error);
}

static void
job_set_aside(void *argument)
{
	struct job *job = argument;

	job->good = store_set_aside(job->store, &job->locator, &job->error);
}

static void
job_sync(void *argument)
{
	struct job *job = argument;

	job->good = store_sync(job->store, &job->locator, &job->error);
}

static bool
run_job(struct message *message, void (*work)(void *argument), struct job *job,
    struct error *error)
{
	struct suspects_access access;

	must(message->turn.taken);
	segments_wait(&message->locator);
	job->store = disk.store;
	job->locator = message->locator;
	suspects_begin_access(&access, "write", &message->locator.id);
	offload_run(work, job);
	/* A failed sync is final. */
	if (!job->good && work != job_sync && space_make(&job->error))
		offload_run(work, job);
	suspects_end_access(&access);
	message->locator = job->locator;
	if (!job->good && error != NULL)
		*error = job->error;
	return job->good;
}

bool
disk_record(struct message *message, const struct store_report *report,
    bool *states_written, struct error *error)
{
	struct job job = {.report = report};
	bool good;

	if (store_is_light(&message->locator) && report->entry_count == 0) {
		must(message->turn.taken);
		good = segments_mark(&message->locator, report, error);
		*states_written = good;
		return good;
	}
	good = run_job(message, job_record, &job, error);

	*states_written = job.states_written || good;
	if (*states_written && report->mark_count > 0)
		disk_touched(message);
	return good;
}

bool
disk_done(struct message *message, struct error *error)
{
	struct job job = {.good = false};

	if (store_is_light(&message->locator)) {
		must(message->turn.taken);
		if (!segments_done(&message->locator, error))
			return false;
	} else if (!run_job(message, job_done, &job, error)) {
		return false;
	}
	message->gone = true;
	suspects_drop(&message->locator.id);
	return true;
}

bool
disk_defer(struct message *message, int64_t due, struct error *error)
{
	struct job job = {.due = due};

	return run_job(message, job_defer, &job, error);
}

bool
disk_put_off(struct locator *locator, int64_t due, struct error *error)
{
	struct job job = {.store = disk.store, .locator = *locator, .due = due};

	space_run(job_defer, &job, &job.good, &job.error);
	*locator = job.locator;
	if (!job.good)
		*error = job.error;
	return job.good;
}

bool
disk_hold(struct message *message, struct error *error)
{
	struct job job = {.good = false};

	return run_job(message, job_hold, &job, error);
}

bool
disk_set_aside(struct message *message, struct error *error)
{
	struct job job = {.good = false};

	if (!run_job(message, job_set_aside, &job, error))
		return false;
	message->gone = true;
	return true;
}

bool
disk_sync(struct message *message, struct error *error)
{
	struct job job = {.good = false};

	if (list_is_empty(&message->unsynced))
		return true;
	list_remove(&message->unsynced);
	return run_job(message, job_sync, &job, error);
}

/* ---- once a second ---- */

void
disk_touched(struct message *message)
{
	if (list_is_empty(&message->unsynced))
		list_add_last(&disk.unsynced, &message->unsynced);
}

static void
sync_message(struct message *message)
{
	struct error error;

	message_use(message);
	turn_take(&message->turn);
	if (message->dead || message->gone)
		list_remove(&message->unsynced);
	else if (!disk_sync(message, &error))
		log_error(&(struct log_context){message_id(message), {0}},
		    "states not synced: %s", error.text);
	turn_give(&message->turn);
	message_release(message);
}

struct directory_sync {
	bool good;
	struct error error;
};

static void
job_sync_directories(void *argument)
{
	struct directory_sync *sync = argument;

	sync->good = store_sync_directories(disk.store, &sync->error);
}

static void
sync_directories(void)
{
	struct directory_sync sync;

	if (!store_is_dirty(disk.store))
		return;
	offload_run(job_sync_directories, &sync);
	if (!sync.good)
		log_error(NULL, "queue directories: %s", sync.error.text);
}

/* Everything that was touched when it began: no endless round. A message that
 * is in hand, whose syncer waits for it, is in nobody else's way. */
struct round {
	struct list touched;
	struct list syncing;
	unsigned syncers;
	struct loop_signal ended; /* a syncer */
};

/* Each message takes itself out of its list when it is synced. */
static void
run_syncer(void *argument)
{
	struct round *round = argument;
	struct list *node;

	while ((node = list_first(&round->touched)) != NULL) {
		list_remove(node);
		list_add_last(&round->syncing, node);
		sync_message(list_element(node, struct message, unsynced));
	}
	round->syncers--;
	loop_signal_raise(&round->ended);
}

/* Syncs that run at the same time share the work of the file system; one after
 * the other, those of a busy queue would take longer than a second. */
static void
sync_all(void *argument UNUSED)
{
	struct round round = {.syncers = 0};
	struct list *node;

	list_init(&round.touched);
	list_init(&round.syncing);
	while ((node = list_first(&disk.unsynced)) != NULL) {
		list_remove(node);
		list_add_last(&round.touched, node);
		if (round.syncers < SYNCERS) {
			loop_spawn(run_syncer, &round);
			round.syncers++;
		}
	}
	while (round.syncers > 0)
		must(loop_signal_wait(&round.ended, LOOP_NO_DEADLINE));
	sync_directories();
	disk.is_syncing = false;
}

static void
sync_due(struct loop_timer *timer)
{
	(void)disk_clock_is_sane();
	if (!disk.is_syncing &&
	    (!list_is_empty(&disk.unsynced) || store_is_dirty(disk.store))) {
		disk.is_syncing = true;
		loop_spawn(sync_all, NULL);
	}
	loop_timer_start(timer, loop_now() + SYNC_INTERVAL, sync_due, NULL);
}

/* ---- the lock ---- */

struct opening {
	const char *directory;
	bool has_lock;
	struct store *store;
	bool owns;
	bool moves_ended;
	pid_t holder;
	struct error error;
};

static void
job_open(void *argument)
{
	struct opening *opening = argument;

	if (!opening->has_lock)
		opening->has_lock = spool_lock_take(opening->directory,
		    &disk.lock_fd, &opening->holder, &opening->error);
	if (opening->has_lock)
		opening->store =
		    store_open(opening->directory, &opening->error);
}

static void
job_own(void *argument)
{
	struct opening *opening = argument;

	opening->owns = store_own_segments(opening->store, &opening->error);
	opening->moves_ended =
	    opening->owns && store_end_moves(opening->store, &opening->error);
}

/* The queue is in use meanwhile: what needs the records waits for them. */
static void
own_segments(struct opening *opening)
{
	/* Which of them are not to be read. */
	suspects_wait_list();
	segment_aside_watch(opening->store);
	while (!opening->owns && !service_is_draining()) {
		space_run(job_own, opening, &opening->owns, &opening->error);
		if (opening->owns)
			break;
		log_error(NULL, "queue segments: %s", opening->error.text);
		loop_sleep_until(loop_now() + OWN_INTERVAL);
	}
	if (!opening->owns)
		return;
	/* Then some of these messages may be delivered twice. */
	if (!opening->moves_ended)
		log_error(NULL, "queue segments: %s", opening->error.text);
	segments_begin(opening->store);
	segment_aside_begin();
}

bool
disk_open(void)
{
	struct opening opening = {
	    .directory = service_common()->queue_directory};
	bool told = false;

	list_init(&disk.unsynced);
	while (!service_is_draining()) {
		offload_run(job_open, &opening);
		if (opening.store != NULL)
			break;
		if (!told)
			log_warning(NULL,
			    "waiting for the queue (held by process %ld): %s",
			    (long)opening.holder, opening.error.text);
		told = true;
		loop_sleep_until(loop_now() + LOCK_INTERVAL);
	}
	disk.store = opening.store;
	if (disk.store == NULL)
		return false;
	backoff_clock_init(&disk.clock, clock_wall(), clock_monotonic());
	sync_due(&disk.timer);
	space_open(opening.directory);
	own_segments(&opening);
	return true;
}
