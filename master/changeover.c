/* SPDX-License-Identifier: MIT */
#include "master/changeover.h"

#include "lib/log/log.h"

#include "master/aside.h"
#include "master/checkup.h"
#include "master/exchange.h"
#include "master/staffing.h"

enum {
	READY_LIMIT = 90,     /* seconds for all first processes */
	RELOAD_DRAIN = 3600,  /* for sessions of the generation before */
	OLDEST_DRAIN = 10,    /* for the one before that */
	EXCLUSIVE_DRAIN = 10, /* the successor waits for it */
	ACKNOWLEDGE_LIMIT = 5
};

/* The log may be the terminal still. */
static void
show(
    const struct supervisor *supervisor, const char *severity, const char *text)
{
	if (supervisor->show != NULL && log_current().sink != LOG_SINK_STDERR)
		supervisor->show(severity, text);
}

void
changeover_report(void *supervisor, const char *text)
{
	log_error(NULL, "%s", text);
	show(supervisor, "fatal", text);
}

/* ---- read and try ---- */

struct reading {
	struct supervisor *supervisor;
	struct generation *generation;
	struct error *error;
};

static void
read_configuration(void *argument)
{
	struct reading *reading = argument;
	struct supervisor *supervisor = reading->supervisor;

	reading->generation = generation_load(supervisor->directory,
	    ++supervisor->last_generation, &supervisor->images, reading->error);
}

static void
report_warnings(struct supervisor *supervisor, const struct warnings *warnings)
{
	for (size_t i = 0; i < warnings->count; i++) {
		log_warning(NULL, "%s", warnings->text[i]);
		show(supervisor, "warning", warnings->text[i]);
	}
	if (warnings->dropped > 0)
		log_warning(NULL, "%zu more warnings", warnings->dropped);
}

struct generation *
changeover_read(struct supervisor *supervisor, struct error *error)
{
	struct reading reading = {.supervisor = supervisor, .error = error};

	aside_run(read_configuration, &reading);
	return reading.generation;
}

bool
changeover_try(struct supervisor *supervisor, struct generation *generation,
    struct error *error)
{
	report_warnings(supervisor, &generation->instance.warnings);
	if (supervisor->images.replaced)
		log_warning(NULL,
		    "programs in %s have been replaced: restart needed to run "
		    "them",
		    generation->instance.common.daemon_directory);
	return checkup_run(&supervisor->crew, generation, changeover_report,
		   supervisor) ||
	    error_set(error, ERROR_INVALID, "the configuration does not work");
}

/* ---- start ---- */

static bool
is_wanted(const struct supervisor *supervisor, const struct role *role)
{
	const struct role *before = supervisor->current == NULL
	    ? NULL
	    : generation_match(supervisor->current, role);

	if (supervisor->submit_only && !role_has(role, PROGRAM_SUBMIT))
		return false;
	return role_has(role, PROGRAM_FIRST) ||
	    (before != NULL && !list_is_empty(&before->staff.children));
}

/* Whether the processes of the role before go on. */
static bool
stays(const struct supervisor *supervisor, const struct generation *next,
    const struct role *role)
{
	return role_has(role, PROGRAM_STAYS) && supervisor->current != NULL &&
	    generation_match(supervisor->current, role) != NULL &&
	    generation_same_texts(supervisor->current, next);
}

static void
start_roles(struct supervisor *supervisor, struct generation *next)
{
	for (size_t i = 0; i < next->role_count; i++) {
		struct role *role = &next->roles[i];

		if (!is_wanted(supervisor, role))
			continue;
		role->staff.is_wanted = true;
		if (stays(supervisor, next, role))
			continue;
		staffing_begin(role, &supervisor->crew);
		staffing_fill(role);
	}
}

struct readiness {
	struct supervisor *supervisor;
	struct generation *generation;
};

static bool
is_decided(void *argument)
{
	const struct readiness *readiness = argument;
	const struct child *child;
	uint32_t position = 0;

	if (readiness->generation->has_failed ||
	    readiness->supervisor->is_stopping)
		return true;
	while ((child = crew_next(&readiness->supervisor->crew, &position)) !=
	    NULL)
		if (child->role->generation == readiness->generation &&
		    child->state == CHILD_STARTING)
			return false;
	return true;
}

bool
changeover_wait_ready(struct supervisor *supervisor,
    struct generation *generation, struct error *error)
{
	struct readiness readiness = {supervisor, generation};

	if (!crew_wait(&supervisor->crew, is_decided, &readiness,
		loop_deadline(READY_LIMIT)))
		return error_set(
		    error, ERROR_TIMEOUT, "services are not ready in time");
	if (supervisor->is_stopping)
		return error_set(
		    error, ERROR_TEMPORARY, "the mail system is being stopped");
	return !generation->has_failed ||
	    error_set(error, ERROR_INVALID, "a service does not start");
}

static void
give_up(struct supervisor *supervisor, struct generation *next)
{
	struct child *child;
	uint32_t position = 0;

	for (size_t i = 0; i < next->role_count; i++)
		staffing_end(&next->roles[i]);
	while ((child = crew_next(&supervisor->crew, &position)) != NULL)
		if (child->role->generation == next)
			child_kill(child);
	generation_withdraw(next, supervisor->current);
	crew_retire(next);
}

/* ---- take over ---- */

static void
keep_processes(struct role *before, struct role *role)
{
	list_foreach_safe (node, &before->staff.children)
		crew_move(list_element(node, struct child, node), role);
}

static void
drain(struct supervisor *supervisor, struct child *child)
{
	uint32_t seconds = RELOAD_DRAIN;

	if (child->role->generation != supervisor->current)
		seconds = OLDEST_DRAIN;
	else if (role_has(child->role, PROGRAM_EXCLUSIVE))
		seconds = EXCLUSIVE_DRAIN;
	child_drain(child, seconds);
	/* The answer says that it has stopped accepting. */
	child_ping(child);
}

static void
drain_before(struct supervisor *supervisor, const struct generation *next)
{
	struct child *child;
	uint32_t position = 0;

	while ((child = crew_next(&supervisor->crew, &position)) != NULL)
		if (child->role->generation != next && !child->is_check)
			drain(supervisor, child);
}

static bool
is_acknowledged(void *argument)
{
	const struct readiness *readiness = argument;
	const struct child *child;
	uint32_t position = 0;

	while ((child = crew_next(&readiness->supervisor->crew, &position)) !=
	    NULL)
		if (child->role->generation != readiness->generation &&
		    child->channel != NULL && child->unanswered > 0)
			return false;
	return true;
}

static void
answer_held(struct supervisor *supervisor)
{
	struct child *child;
	uint32_t position = 0;

	while ((child = crew_next(&supervisor->crew, &position)) != NULL)
		exchange_connect_held(
		    supervisor->current, supervisor->submit_only, child);
}

static void
retire(struct supervisor *supervisor, struct generation *before)
{
	generation_withdraw(before, supervisor->current);
	/* Nobody accepts there any more. */
	for (size_t i = 0; i < before->role_count; i++)
		listener_close_all(&before->roles[i].listeners);
	crew_retire(before);
}

static void
take_over(struct supervisor *supervisor, struct generation *next)
{
	struct generation *before = supervisor->current;
	struct readiness readiness = {supervisor, next};

	for (size_t i = 0; before != NULL && i < before->role_count; i++) {
		struct role *role = generation_match(next, &before->roles[i]);

		staffing_end(&before->roles[i]);
		if (role != NULL && stays(supervisor, next, role))
			keep_processes(&before->roles[i], role);
	}
	drain_before(supervisor, next);
	if (!crew_wait(&supervisor->crew, is_acknowledged, &readiness,
		loop_deadline(ACKNOWLEDGE_LIMIT)))
		log_warning(NULL,
		    "a process of the configuration before does "
		    "not answer");
	supervisor->current = next;
	for (size_t i = 0; i < next->role_count; i++) {
		staffing_begin(&next->roles[i], &supervisor->crew);
		staffing_fill(&next->roles[i]);
	}
	answer_held(supervisor);
	if (before != NULL)
		retire(supervisor, before);
}

bool
changeover_run(
    struct supervisor *supervisor, struct generation *next, struct error *error)
{
	bool ready;

	supervisor->candidate = next;
	ready = generation_open_listeners(next, supervisor->current, error);
	if (ready) {
		start_roles(supervisor, next);
		ready = changeover_wait_ready(supervisor, next, error);
	}
	supervisor->candidate = NULL;
	if (ready)
		take_over(supervisor, next);
	else
		give_up(supervisor, next);
	return ready;
}
