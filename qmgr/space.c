/* SPDX-License-Identifier: MIT */
#include "qmgr/space.h"

#include "lib/log/log.h"
#include "lib/loop/loop.h"
#include "lib/loop/offload.h"
#include "lib/queue/put.h"
#include "lib/queue/reserve.h"

enum {
	FILL_INTERVAL = 5000, /* milliseconds */
	JUST_SPENT = 1000     /* others may have failed before they knew */
};

/* The process has one queue. */
static struct {
	struct reserve reserve;
	struct error error;
	bool is_filling;
	bool was_held; /* before the job */
	bool is_spent; /* and nothing is put by again */
	int64_t spent_at;
	struct loop_timer timer;
} space = {.reserve = {.fd = -1}};

static void
fill(void *argument UNUSED)
{
	space.was_held = space.reserve.is_held;
	(void)!reserve_fill(&space.reserve, &space.error);
}

static void
filled(void *argument UNUSED)
{
	space.is_filling = false;
	if (!space.reserve.is_held || space.was_held || !space.is_spent)
		return;
	space.is_spent = false;
	log_event_fields(NULL, LOG_RESERVE_FILLED, NULL, 0);
}

static void
fill_due(struct loop_timer *timer)
{
	loop_timer_start(timer, loop_now() + FILL_INTERVAL, fill_due, NULL);
	if (space.is_filling || space.reserve.is_held)
		return;
	space.is_filling = true;
	offload_start(fill, filled, NULL);
}

static void
open_reserve(void *argument)
{
	if (!reserve_open(&space.reserve, argument, &space.error))
		log_warning(NULL, "no space is put by: %s", space.error.text);
}

void
space_open(const char *queue_directory)
{
	char *directory = (char *)(uintptr_t)queue_directory;

	offload_run(open_reserve, directory);
	if (space.reserve.fd >= 0)
		fill_due(&space.timer);
}

static void
spend(void *argument)
{
	bool *is_spent = argument;

	*is_spent = reserve_spend(&space.reserve);
}

bool
space_spend(const char *reason)
{
	bool is_spent = false;

	if (space.reserve.is_held && !space.is_filling)
		offload_run(spend, &is_spent);
	if (is_spent) {
		space.is_spent = true;
		space.spent_at = loop_now();
		log_event(NULL, LOG_RESERVE_SPENT,
		    log_text("reason", span_text(reason)));
	}
	return space.is_spent && loop_now() - space.spent_at < JUST_SPENT;
}

bool
space_make(const struct error *error)
{
	return error->kind == ERROR_SYSTEM && put_error_is_full(error) &&
	    space_spend(error->text);
}

void
space_run(void (*job)(void *argument), void *argument, const bool *good,
    const struct error *error)
{
	offload_run(job, argument);
	if (!*good && space_make(error))
		offload_run(job, argument);
}
