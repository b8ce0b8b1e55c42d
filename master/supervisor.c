/* SPDX-License-Identifier: MIT */
#include "master/supervisor.h"

#include <sys/wait.h>

#include <fcntl.h>
#include <unistd.h>

#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/daemon/logging.h"
#include "lib/log/log.h"

#include "master/aside.h"
#include "master/changeover.h"
#include "master/exchange.h"
#include "master/place.h"
#include "master/roll.h"
#include "master/staffing.h"

enum {
	SHRINK_INTERVAL = 10,
	STOP_DRAIN = 5,
	STOP_DRAIN_QUEUE = 30 /* qmgr moves messages into files of their own */
};

static struct supervisor *
supervisor_of(const struct child *child)
{
	return child->crew->owner;
}

/* ---- what processes say ---- */

static void
child_begun(struct child *child)
{
	if (role_has(child->role, PROGRAM_CONTROLLED))
		exchange_tell_agents(child->crew, child);
	autopsy_tell(&supervisor_of(child)->autopsy, child);
}

static void
child_ready(struct child *child, struct span problem)
{
	char text[300];

	if (problem.len == 0) {
		staffing_ready(child);
		crew_changed(child->crew);
		return;
	}
	snprintf(text, sizeof text, "service %s: %.*s", child->role->name,
	    SPAN_ARGS(problem));
	changeover_report(supervisor_of(child), text);
	child->role->generation->has_failed = true;
	crew_changed(child->crew);
}

static bool
take_need(struct child *child, struct frame *frame)
{
	struct supervisor *supervisor = supervisor_of(child);
	struct message_need need;

	if (!message_get_need(frame->payload, &need))
		return false;
	if (child->role->generation == supervisor->candidate ||
	    supervisor->current == NULL)
		return exchange_hold(child, need.service);
	exchange_connect(
	    supervisor->current, supervisor->submit_only, child, need.service);
	return true;
}

static bool
take_dial(struct child *child, struct frame *frame)
{
	struct message_dial dial;

	if (!message_get_dial(frame->payload, &dial))
		return false;
	staffing_dial(child, dial.full);
	return true;
}

/* qmgr has mail for an agent that does not run. One that is not configured
 * never comes, and qmgr defers the mail. */
static bool
take_want(struct child *child, struct frame *frame)
{
	const struct generation *generation = child->role->generation;
	struct message_want want;
	struct role *role;

	if (!role_has(child->role, PROGRAM_CONTROLLED) ||
	    !message_get_want(frame->payload, &want))
		return false;
	if (generation->is_retired)
		generation = supervisor_of(child)->current;
	role = generation_find(generation, want.service);
	if (role == NULL || !role_has(role, PROGRAM_AGENT))
		return true;
	if (want.alone)
		staffing_start_alone(role, -1);
	else
		staffing_want(role);
	return true;
}

static bool
take_set_aside(struct child *child, struct frame *frame)
{
	struct message_set_aside set_aside;

	if (!role_has(child->role, PROGRAM_CONTROLLED) ||
	    !message_get_set_aside(frame->payload, &set_aside))
		return false;
	autopsy_forget_message(
	    &supervisor_of(child)->autopsy, set_aside.queue_id);
	return true;
}

/* The newest generation serves it. */
static bool
take_hand_over(struct child *child, struct frame *frame)
{
	struct generation *current = supervisor_of(child)->current;
	struct role *role;

	if (!child->role->is_inet || frame->fd < 0 || child->is_alone)
		return false;
	role = current == NULL ? NULL : generation_match(current, child->role);
	if (role != NULL) {
		staffing_start_alone(role, frame->fd);
		frame->fd = -1;
	}
	return true;
}

static bool
take_tables_changed(struct child *child, struct frame *frame UNUSED)
{
	if (strcmp(child->role->program->name, "lookup") != 0)
		return false;
	roll_request(supervisor_of(child));
	return true;
}

/* Only one that starts may say it: it has seen no client yet, and might have
 * opened the file itself. */
static bool
take_key_file(struct child *child, struct frame *frame)
{
	struct role *keyd =
	    generation_find(child->role->generation, SPAN("keyd"));
	struct message_key_file key_file;
	struct error error;

	if (child->state != CHILD_STARTING || keyd == NULL ||
	    !process_table_may_ask(child->role->program, keyd->program) ||
	    !message_get_key_file(frame->payload, &key_file))
		return false;
	if (key_files_want(
		&supervisor_of(child)->crew, child, key_file.path, &error))
		staffing_want(keyd);
	else
		log_error(NULL, "service %s: key file %s", child->role->name,
		    error.text);
	return true;
}

static const struct {
	uint16_t type;
	bool (*take)(struct child *child, struct frame *frame);
} frames[] = {
    {MESSAGE_NEED, take_need},
    {MESSAGE_DIAL, take_dial},
    {MESSAGE_WANT, take_want},
    {MESSAGE_TABLES_CHANGED, take_tables_changed},
    {MESSAGE_SET_ASIDE, take_set_aside},
    {MESSAGE_HAND_OVER, take_hand_over},
    {MESSAGE_KEY_FILE, take_key_file},
};

static bool
child_frame(struct child *child, struct frame *frame)
{
	for (size_t i = 0; i < COUNT_OF(frames); i++)
		if (frames[i].type == frame->type)
			return frames[i].take(child, frame);
	return false;
}

/* During a start or reload it is a reason to give up. */
static void
note_false_start(const struct child *child)
{
	struct supervisor *supervisor = supervisor_of(child);
	struct generation *generation = child->role->generation;
	char text[200];

	if (generation == supervisor->candidate && !generation->has_failed) {
		snprintf(text, sizeof text,
		    "service %s: the process ended before it was ready",
		    child->role->name);
		changeover_report(supervisor, text);
	}
	generation->has_failed = true;
}

static void
child_died(struct child *child)
{
	struct supervisor *supervisor = supervisor_of(child);
	struct role *successor;

	autopsy_run(&supervisor->autopsy, child);
	key_files_release(&supervisor->crew, child);
	if (child->state == CHILD_STARTING)
		note_false_start(child);
	staffing_died(child);
	if (supervisor->current == NULL ||
	    child->role->generation == supervisor->current)
		return;
	/* A successor may have waited for this one. */
	successor = generation_match(supervisor->current, child->role);
	if (successor != NULL)
		staffing_fill(successor);
}

/* ---- operations ---- */

static void
shrink(struct loop_timer *timer)
{
	struct supervisor *supervisor = timer->owner;
	struct generation *current = supervisor->current;

	autopsy_sweep(&supervisor->autopsy, &supervisor->crew);
	for (size_t i = 0; current != NULL && i < current->role_count; i++)
		staffing_shrink(
		    &current->roles[i], current->instance.common.max_idle);
	loop_timer_start(
	    timer, loop_deadline(SHRINK_INTERVAL), shrink, supervisor);
}

void
supervisor_init(struct supervisor *supervisor, const char *directory)
{
	static const struct child_events events = {
	    .begun = child_begun,
	    .ready = child_ready,
	    .frame = child_frame,
	    .died = child_died,
	};

	*supervisor =
	    (struct supervisor){.directory = directory, .lock_fd = -1};
	autopsy_init(&supervisor->autopsy);
	crew_init(&supervisor->crew, &events, supervisor);
	loop_timer_start(&supervisor->shrink, loop_deadline(SHRINK_INTERVAL),
	    shrink, supervisor);
}

static bool
begin_change(struct supervisor *supervisor, struct error *error)
{
	if (supervisor->is_changing || supervisor->is_stopping)
		return error_set(
		    error, ERROR_TEMPORARY, "another change is in progress");
	supervisor->is_changing = true;
	return true;
}

static void
end_change(struct supervisor *supervisor)
{
	supervisor->is_changing = false;
	crew_changed(&supervisor->crew);
}

/* Log lines from now on go where this generation says. */
static bool
open_log(struct supervisor *supervisor, const struct generation *generation,
    struct error *error)
{
	const struct common_params *common = &generation->instance.common;
	int before = supervisor->crew.log_fd;
	int fd;

	if (!place_open_log(generation, supervisor->in_foreground, &fd, error))
		return false;
	logging_open(common, "master", fd);
	crew_set_log(&supervisor->crew, fd);
	io_close(&before);
	return true;
}

struct occupation {
	struct supervisor *supervisor;
	const struct generation *generation;
	struct error *error;
	bool done;
};

static void
make_place(void *argument)
{
	struct occupation *occupation = argument;

	occupation->done =
	    place_make(occupation->generation, occupation->error);
}

static bool
lock(struct supervisor *supervisor, const struct generation *generation,
    struct error *error)
{
	if (supervisor->lock_fd >= 0)
		return true;
	supervisor->lock_fd = place_lock(generation, error);
	if (supervisor->lock_fd < 0)
		return false;
	supervisor->pid_path = memory_copy(span_text(
	    instance_control_path(&generation->instance, "master.pid")));
	return true;
}

static bool
occupy(struct supervisor *supervisor, const struct generation *generation,
    struct error *error)
{
	struct occupation occupation = {
	    .supervisor = supervisor,
	    .generation = generation,
	    .error = error,
	};

	aside_run(make_place, &occupation);
	if (!occupation.done)
		return false;
	return lock(supervisor, generation, error) &&
	    open_log(supervisor, generation, error);
}

static void
log_in_force(const struct supervisor *supervisor, enum log_event event)
{
	const struct instance *instance = &supervisor->current->instance;

	log_event(NULL, event,
	    log_text("version", span_text(instance->common.mail_version)),
	    log_text("directory", span_text(instance->directory)));
}

/* The first reading decides where the instance is and goes there before
 * anything else; a later one only once it is known to work. */
static bool
try_and_occupy(struct supervisor *supervisor, struct generation *generation,
    struct error *error)
{
	if (supervisor->current != NULL)
		return changeover_try(supervisor, generation, error) &&
		    occupy(supervisor, generation, error);
	supervisor->directory =
	    memory_copy(span_text(generation->instance.directory));
	return occupy(supervisor, generation, error) &&
	    changeover_try(supervisor, generation, error);
}

static bool
change(struct supervisor *supervisor, enum log_event event, struct error *error)
{
	struct generation *generation = changeover_read(supervisor, error);

	if (generation == NULL)
		return false;
	if (!try_and_occupy(supervisor, generation, error)) {
		generation_destroy(generation);
		return false;
	}
	if (!changeover_run(supervisor, generation, error))
		return false;
	log_in_force(supervisor, event);
	return true;
}

bool
supervisor_start(struct supervisor *supervisor, struct error *error)
{
	bool started;

	must(begin_change(supervisor, error));
	started = change(supervisor, LOG_MASTER_STARTED, error);
	end_change(supervisor);
	if (!started)
		changeover_report(supervisor, error->text);
	return started;
}

bool
supervisor_check(struct supervisor *supervisor, struct error *error)
{
	struct generation *generation = changeover_read(supervisor, error);
	bool works;

	supervisor->crew.log_fd = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0);
	works =
	    generation != NULL && changeover_try(supervisor, generation, error);
	generation_destroy(generation);
	if (!works)
		changeover_report(supervisor, error->text);
	return works;
}

bool
supervisor_reload(struct supervisor *supervisor, struct error *error)
{
	bool reloaded;

	if (!begin_change(supervisor, error))
		return false;
	reloaded = change(supervisor, LOG_MASTER_RELOADED, error);
	end_change(supervisor);
	if (!reloaded)
		log_error(NULL, "reload: %s; the configuration in force stays",
		    error->text);
	return reloaded;
}

bool
supervisor_start_rest(struct supervisor *supervisor, struct error *error)
{
	struct generation *current = supervisor->current;
	bool ready;

	if (!supervisor->submit_only)
		return error_set(
		    error, ERROR_INVALID, "the mail system is already running");
	if (!begin_change(supervisor, error))
		return false;
	supervisor->submit_only = false;
	current->has_failed = false;
	for (size_t i = 0; i < current->role_count; i++)
		if (role_has(&current->roles[i], PROGRAM_FIRST))
			staffing_want(&current->roles[i]);
	ready = changeover_wait_ready(supervisor, current, error);
	end_change(supervisor);
	return ready;
}

/* ---- the end ---- */

struct stage {
	const struct supervisor *supervisor;
	enum stop_stage stage;
};

static bool
is_stage_empty(void *argument)
{
	const struct stage *stage = argument;
	const struct child *child;
	uint32_t position = 0;

	while ((child = crew_next(&stage->supervisor->crew, &position)) != NULL)
		if (child->role->program->stage <= stage->stage)
			return false;
	return true;
}

static void
stop_stage(struct supervisor *supervisor, enum stop_stage number, bool at_once)
{
	struct stage stage = {supervisor, number};
	struct child *child;
	uint32_t position = 0;

	while ((child = crew_next(&supervisor->crew, &position)) != NULL)
		if (child->role->program->stage != number)
			continue;
		else if (at_once || child->is_check)
			child_kill(child);
		else
			child_drain(child,
			    number == STAGE_QUEUE ? STOP_DRAIN_QUEUE
						  : STOP_DRAIN);
	/* Each process is killed when its time is over. */
	if (!at_once)
		must(crew_wait(&supervisor->crew, is_stage_empty, &stage,
		    LOOP_NO_DEADLINE));
}

static bool
is_settled(void *argument)
{
	const struct supervisor *supervisor = argument;

	return !supervisor->is_changing;
}

static void
end_staffing(struct generation *generation)
{
	for (size_t i = 0; generation != NULL && i < generation->role_count;
	     i++)
		staffing_end(&generation->roles[i]);
}

void
supervisor_stop(struct supervisor *supervisor, bool at_once)
{
	struct stage all = {supervisor, STAGE_COUNT};

	supervisor->is_stopping = true;
	end_staffing(supervisor->current);
	end_staffing(supervisor->candidate);
	crew_changed(&supervisor->crew);
	for (int stage = 0; stage < STAGE_COUNT; stage++)
		stop_stage(supervisor, (enum stop_stage)stage, at_once);
	must(crew_wait(
	    &supervisor->crew, is_stage_empty, &all, LOOP_NO_DEADLINE));
	must(crew_wait(
	    &supervisor->crew, is_settled, supervisor, LOOP_NO_DEADLINE));
	if (supervisor->current != NULL)
		generation_withdraw(supervisor->current, NULL);
	if (supervisor->pid_path != NULL)
		(void)unlink(supervisor->pid_path);
}

static const char *
state_word(const struct child *child)
{
	static const char *const words[] = {
	    [CHILD_STARTING] = "starting",
	    [CHILD_READY] = "ready",
	    [CHILD_DRAINING] = "draining",
	};

	if (child->is_alone)
		return "alone";
	return child->is_full ? "full" : words[child->state];
}

void
supervisor_describe(const struct supervisor *supervisor, struct buf *out)
{
	const struct child *child;
	uint32_t position = 0;

	while ((child = crew_next(&supervisor->crew, &position)) != NULL)
		buf_printf(out, "%s %s %d %s\n", child->role->name,
		    child->role->program->name, (int)child->pid,
		    state_word(child));
}
