/* SPDX-License-Identifier: MIT */
#include "qmgr/scan.h"

#include "lib/base/clock.h"
#include "lib/base/hash.h"
#include "lib/base/memory.h"
#include "lib/daemon/service.h"
#include "lib/log/log.h"
#include "lib/loop/offload.h"

#include "qmgr/disk.h"
#include "qmgr/due.h"
#include "qmgr/finish.h"
#include "qmgr/inflow.h"
#include "qmgr/params.h"
#include "qmgr/quarantine.h"
#include "qmgr/restart.h"
#include "qmgr/suspects.h"
#include "qmgr/transport.h"

enum {
	LISTED_AT_A_TIME = 100,
	LOADERS_MAXIMUM = 16,
	BACKLOG_MAXIMUM = 100000, /* ids */
	STRANGERS_MAXIMUM = 1000, /* that are known */
	STRANGERS_AT_A_TIME = 20,
	STRANGER_SIZE = 300
};

/* A message wanted by its id. */
struct wanted {
	struct locator locator;
	enum load_mode mode;
};

static struct {
	struct loop_signal wake;
	struct loop_timer timer;
	bool wants_incoming;
	bool wants_due;
	bool wants_all;
	struct wanted *backlog; /* a ring */
	size_t backlog_first;
	size_t backlog_count;
	struct hash *strangers; /* names that the log has */
	size_t backlog_fresh;   /* of them LOAD_INCOMING */
	bool incoming_waits;    /* a walk through it has met a full memory */
	unsigned loaders;
	struct loop_signal loader_ended;
} scan;

/* Of what waits in a walk through incoming only so much is known. */
static void
tell_inflow(void)
{
	size_t unknown = scan.incoming_waits
	    ? (size_t)params.qmgr_message_active_limit / 10 + 1
	    : 0;

	inflow_set_waiting(scan.backlog_fresh + unknown);
}

/* ---- wishes ---- */

void
scan_want_incoming(void)
{
	scan.wants_incoming = true;
	loop_signal_raise(&scan.wake);
}

void
scan_want_all(void)
{
	scan.wants_all = true;
	loop_signal_raise(&scan.wake);
}

bool
scan_has_room(void)
{
	return scan.backlog_count < BACKLOG_MAXIMUM;
}

void
scan_want_message(const struct locator *locator, enum load_mode mode)
{
	size_t at;

	if (scan.backlog == NULL || scan.backlog_count == BACKLOG_MAXIMUM) {
		scan_want_incoming();
		return;
	}
	at = (scan.backlog_first + scan.backlog_count++) % BACKLOG_MAXIMUM;
	scan.backlog[at] = (struct wanted){*locator, mode};
	if (mode == LOAD_INCOMING) {
		scan.backlog_fresh++;
		tell_inflow();
	}
	loop_signal_raise(&scan.wake);
}

static bool
take_wanted(struct wanted *wanted)
{
	if (scan.backlog_count == 0)
		return false;
	*wanted = scan.backlog[scan.backlog_first];
	scan.backlog_first = (scan.backlog_first + 1) % BACKLOG_MAXIMUM;
	scan.backlog_count--;
	if (wanted->mode == LOAD_INCOMING) {
		scan.backlog_fresh--;
		tell_inflow();
	}
	return true;
}

/* ---- loading ---- */

static void
run_loader(void *argument)
{
	struct wanted *wanted = argument;

	load(&wanted->locator, wanted->mode);
	free(wanted);
	scan.loaders--;
	loop_signal_raise(&scan.loader_ended);
}

/* Waits for room in memory and for a loader. Retries leave room for fresh mail.
 */
static void
start_loader(const struct wanted *wanted)
{
	struct wanted *copy;

	if (message_find(&wanted->locator.id) != NULL)
		return;
	message_wait_for_room(wanted->mode == LOAD_DUE);
	while (scan.loaders >= LOADERS_MAXIMUM)
		must(loop_signal_wait(&scan.loader_ended, LOOP_NO_DEADLINE));
	copy = memory_alloc(sizeof *copy);
	*copy = *wanted;
	scan.loaders++;
	loop_spawn(run_loader, copy);
}

static void
load_backlog(void)
{
	struct wanted wanted;

	while (!service_is_draining() && take_wanted(&wanted))
		start_loader(&wanted);
}

/* ---- listing ---- */

struct listing {
	enum store_scope scope;
	struct backoff_limits limits;
	struct store_scan *scan; /* NULL: not opened yet */
	struct locator locators[LISTED_AT_A_TIME];
	size_t count;
	char strangers[STRANGERS_AT_A_TIME][STRANGER_SIZE];
	size_t stranger_count;
	bool good;
	struct error error;
};

/* In a thread; nobody else uses the table meanwhile. */
static void
note_stranger(void *owner, const char *queue, const char *name)
{
	struct listing *listing = owner;
	char *text = listing->strangers[listing->stranger_count];

	if (listing->stranger_count == STRANGERS_AT_A_TIME - 1)
		return;
	snprintf(text, STRANGER_SIZE, "%s/%s", queue, name);
	if (hash_get(scan.strangers, span_text(text)) == NULL)
		listing->stranger_count++;
}

/* Each once. */
static void
log_strangers(struct listing *listing)
{
	for (size_t i = 0; i < listing->stranger_count; i++) {
		struct span name = span_text(listing->strangers[i]);

		if (hash_count(scan.strangers) == STRANGERS_MAXIMUM ||
		    hash_put(scan.strangers, name, &scan) != NULL)
			continue;
		log_warning(
		    NULL, "%.*s is no message: left alone", SPAN_ARGS(name));
	}
	listing->stranger_count = 0;
}

static void
job_list(void *argument)
{
	struct listing *listing = argument;
	int64_t now = clock_wall();

	listing->count = 0;
	if (listing->scan == NULL)
		listing->scan = store_scan_open(
		    disk_store(), listing->scope, now, &listing->error);
	if (listing->scan != NULL)
		store_scan_tell_strangers(
		    listing->scan, note_stranger, listing);
	if (listing->scan != NULL && listing->scope == STORE_DUE)
		store_scan_behind(
		    listing->scan, backoff_horizon(&listing->limits, now));
	listing->good = listing->scan != NULL &&
	    store_scan_next(listing->scan, listing->locators, LISTED_AT_A_TIME,
		&listing->count, &listing->error);
}

static void
job_close(void *argument)
{
	struct listing *listing = argument;

	store_scan_close(listing->scan);
}

static void
load_listed(const struct listing *listing, enum load_mode mode)
{
	int64_t now = clock_wall();

	for (size_t i = 0; i < listing->count; i++) {
		load_backlog();
		if (mode == LOAD_DUE &&
		    due_is_later(
			&listing->limits, &listing->locators[i].id, now))
			continue;
		if (mode == LOAD_INCOMING && !message_has_room()) {
			scan.incoming_waits = true;
			tell_inflow();
		}
		start_loader(&(struct wanted){listing->locators[i], mode});
	}
}

static void
look_through(enum store_scope scope, enum load_mode mode)
{
	struct listing *listing = memory_zero(sizeof *listing);
	struct suspects_access access;

	listing->scope = scope;
	listing->limits = finish_limits();
	do {
		suspects_begin_scan(&access);
		offload_run(job_list, listing);
		suspects_end_access(&access);
		if (!listing->good)
			log_error(
			    NULL, "queue not listed: %s", listing->error.text);
		log_strangers(listing);
		load_listed(listing, mode);
	} while (listing->good && listing->count > 0 && !service_is_draining());
	if (listing->scan != NULL)
		offload_run(job_close, listing);
	free(listing);
	if (mode == LOAD_INCOMING) {
		scan.incoming_waits = false;
		tell_inflow();
	}
}

/* ---- the coroutine ---- */

static void
sweep_transports(void)
{
	struct hash_cursor cursor = {0};
	struct transport *transport;

	while ((transport = transport_next(&cursor)) != NULL)
		schedule_sweep(&transport->lane, loop_now());
}

static void
run_due(struct loop_timer *timer)
{
	struct backoff_limits limits = finish_limits();

	scan.wants_incoming = true;
	scan.wants_due = true;
	sweep_transports();
	due_sweep(&limits, clock_wall());
	loop_timer_start(
	    timer, loop_deadline(params.queue_run_delay), run_due, NULL);
	loop_signal_raise(&scan.wake);
}

static bool
take_wish(bool *wish)
{
	bool wished = *wish;

	*wish = false;
	return wished;
}

static void
run(void *argument UNUSED)
{
	if (!disk_open())
		return;
	quarantine_begin();
	restart_wait();
	run_due(&scan.timer);
	while (!service_is_draining()) {
		load_backlog();
		if (take_wish(&scan.wants_incoming))
			look_through(STORE_INCOMING, LOAD_INCOMING);
		if (take_wish(&scan.wants_all))
			look_through(STORE_DEFERRED, LOAD_NOW);
		if (take_wish(&scan.wants_due))
			look_through(STORE_DUE, LOAD_DUE);
		must(loop_signal_wait(&scan.wake, LOOP_NO_DEADLINE));
	}
}

void
scan_open(void)
{
	scan.strangers = hash_create();
	scan.backlog = memory_alloc(BACKLOG_MAXIMUM * sizeof *scan.backlog);
	loop_spawn(run, NULL);
}
