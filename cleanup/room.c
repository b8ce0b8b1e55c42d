/* SPDX-License-Identifier: MIT */
#include "cleanup/room.h"

#include <errno.h>

#include "lib/base/clock.h"
#include "lib/daemon/service.h"
#include "lib/log/log.h"
#include "lib/loop/loop.h"
#include "lib/loop/offload.h"
#include "lib/queue/reserve.h"

#include "cleanup/params.h"
#include "cleanup/trust.h"

enum {
	ANSWER_MAXIMUM_AGE = 1000
}; /* milliseconds */

/* The process has one queue. */
static struct {
	struct store *store;
	struct id_source *ids;
} queue;

struct question {
	uint64_t minimum;
	bool is_left;
	struct error error;
};

/* The last answer. */
static struct {
	int64_t when;
	bool is_known;
	bool is_left;
	struct error error;
} answer;

/* The last trial. */
static struct {
	struct trust trust;
	unsigned failed_syncs; /* that were noted */
	struct queue_id id;
	bool is_good;
	struct error error;
	struct loop_timer timer;
} trial;

void
room_open(struct store *store, struct id_source *ids)
{
	queue.store = store;
	queue.ids = ids;
}

/* Free bytes below which no mail is taken. As Postfix: one and a half of the
 * largest message, or queue_minfree. What qmgr may need in the meantime is
 * left. */
static uint64_t
minimum(void)
{
	uint64_t largest = (uint64_t)service_common()->message_size_limit;
	uint64_t wanted[] = {
	    (uint64_t)cleanup_params.queue_minfree,
	    largest + largest / 2,
	    (uint64_t)2 * RESERVE_SIZE,
	};
	uint64_t most = 0;

	for (size_t i = 0; i < COUNT_OF(wanted); i++)
		if (wanted[i] > most)
			most = wanted[i];
	return most;
}

static void
ask(void *argument)
{
	struct question *question = argument;

	question->is_left =
	    store_has_room(queue.store, 0, question->minimum, &question->error);
}

bool
room_is_left(struct error *error)
{
	struct question question = {
	    .minimum = minimum(),
	};

	if (!answer.is_known ||
	    loop_now() - answer.when >= ANSWER_MAXIMUM_AGE) {
		offload_run(ask, &question);
		answer.when = loop_now();
		answer.is_known = true;
		answer.is_left = question.is_left;
		answer.error = question.error;
	}
	if (!answer.is_left)
		*error = answer.error;
	return answer.is_left;
}

/* ---- trust ---- */

bool
room_is_trusted(void)
{
	return !trial.trust.is_lost;
}

static void
try_store(void *argument UNUSED)
{
	trial.is_good = store_try(queue.store, &trial.id, &trial.error);
}

static void begin_trial(struct loop_timer *timer);

static void
wait_for_trial(void)
{
	loop_timer_start(
	    &trial.timer, loop_now() + trial.trust.pause, begin_trial, NULL);
}

static void
trial_ended(void *argument UNUSED)
{
	trust_tried(&trial.trust, trial.is_good);
	trial.failed_syncs = store_failed_syncs(queue.store);
	if (trial.is_good)
		log_event_fields(NULL, LOG_STORAGE_TRUSTED, NULL, 0);
	else
		wait_for_trial();
}

static void
begin_trial(struct loop_timer *timer UNUSED)
{
	trial.id = id_next(queue.ids, clock_wall());
	offload_start(try_store, trial_ended, NULL);
}

/* A disk that refuses to be written to is no better than one that fails to
 * sync. */
static bool
is_refusal(const struct error *reason)
{
	return reason->kind == ERROR_SYSTEM &&
	    (reason->saved_errno == EIO || reason->saved_errno == EROFS);
}

void
room_check_failure(const struct error *reason)
{
	unsigned failed = store_failed_syncs(queue.store);
	bool is_lost = false;

	/* The last answer was too old. */
	if (put_error_is_full(reason))
		answer.is_known = false;
	if (failed == trial.failed_syncs && is_refusal(reason))
		is_lost = trust_note_refusal(&trial.trust, loop_now());
	for (; trial.failed_syncs != failed; trial.failed_syncs++)
		is_lost =
		    trust_note_failure(&trial.trust, loop_now()) || is_lost;
	if (!is_lost)
		return;
	log_event(NULL, LOG_STORAGE_FAILING,
	    log_text("reason", span_text(reason->text)));
	wait_for_trial();
}
