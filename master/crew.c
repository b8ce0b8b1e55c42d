/* SPDX-License-Identifier: MIT */
#include "master/crew.h"

#include <sys/wait.h>

#include <signal.h>
#include <unistd.h>

#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/log/log.h"

#include "master/spawn.h"

enum {
	PING_INTERVAL = 10, /* seconds */
	PINGS_MAXIMUM = 6,  /* without an answer: the process hangs */
	HELD_MAXIMUM = 1000 /* bytes of names of services */
};

struct waiter {
	struct list node;
	struct loop_signal signal;
};

static void
ping_all(struct loop_timer *timer)
{
	struct crew *crew = timer->owner;
	struct child *child;
	uint32_t position = 0;

	/* Pings are counted, not seconds: a machine that slept has not lost
	 * its processes. */
	while ((child = crew_next(crew, &position)) != NULL) {
		if (child->state == CHILD_STARTING)
			continue;
		if (child->unanswered >= PINGS_MAXIMUM) {
			log_warning(NULL,
			    "process %s pid %d: killed, silent for %d s",
			    child->role->program->name, (int)child->pid,
			    PINGS_MAXIMUM * PING_INTERVAL);
			child->is_hung = true;
			child_kill(child);
		}
		child_ping(child);
	}
	loop_timer_start(timer, loop_deadline(PING_INTERVAL), ping_all, crew);
}

void
crew_init(struct crew *crew, const struct child_events *events, void *owner)
{
	*crew = (struct crew){.events = events, .owner = owner, .log_fd = -1};
	list_init(&crew->waiters);
	key_files_init(&crew->key_files);
	loop_timer_start(
	    &crew->heartbeat, loop_deadline(PING_INTERVAL), ping_all, crew);
}

struct child *
crew_next(const struct crew *crew, uint32_t *position)
{
	while (*position < CREW_MAXIMUM) {
		struct child *child = crew->children[(*position)++];

		if (child != NULL)
			return child;
	}
	return NULL;
}

/* ---- waiting ---- */

void
crew_changed(struct crew *crew)
{
	list_foreach (node, &crew->waiters)
		loop_signal_raise(
		    &list_element(node, struct waiter, node)->signal);
}

bool
crew_wait(struct crew *crew, bool (*condition)(void *argument), void *argument,
    int64_t deadline)
{
	struct waiter waiter = {.signal = {0}};
	bool in_time = true;

	list_add_last(&crew->waiters, &waiter.node);
	while (!condition(argument) && in_time)
		in_time = loop_signal_wait(&waiter.signal, deadline);
	list_remove(&waiter.node);
	return in_time || condition(argument);
}

/* ---- life and death ---- */

/* The numbers go round, so that one is not used again at once. */
static bool
take_number(struct crew *crew, struct child *child)
{
	for (uint32_t i = 0; i < CREW_MAXIMUM; i++) {
		uint32_t number = (crew->next_number + i) % CREW_MAXIMUM;

		if (crew->children[number] != NULL)
			continue;
		crew->children[number] = child;
		crew->next_number = number + 1;
		child->number = number;
		return true;
	}
	return false;
}

static bool
spawn(struct crew *crew, struct child *child, struct error *error)
{
	struct role *role = child->role;
	struct spawn_request request = {
	    .image = role->image,
	    .name = role->program->name,
	    .environment = role->generation->environment,
	    .report_fd = crew->log_fd >= 0 ? crew->log_fd : -1,
	};
	int control;

	child->pid = spawn_program(&request, &control, error);
	if (child->pid < 0)
		return false;
	child->channel = channel_create(control, &child_channel_events, child);
	return true;
}

static void
release(struct child *child)
{
	io_close(&child->flight);
	io_close(&child->client);
	buf_finish(&child->held);
	free(child);
}

/* The last thing that happens to a process. */
static void
finished(struct child *child)
{
	struct crew *crew = child->crew;
	struct generation *generation = child->role->generation;

	list_remove(&child->node);
	crew->children[child->number] = NULL;
	generation->children--;
	child->events->died(child);
	release(child);
	crew_changed(crew);
	if (generation->is_retired)
		crew_retire(generation);
}

void
crew_retire(struct generation *generation)
{
	generation->is_retired = true;
	if (generation->children == 0)
		generation_destroy(generation);
}

static struct child *
create(struct crew *crew, struct role *role, struct error *error)
{
	struct child *child = memory_zero(sizeof *child);

	child->role = role;
	child->crew = crew;
	child->generation = role->generation->number;
	child->finished = finished;
	child->flight = -1;
	child->client = -1;
	list_init(&child->node);
	buf_init(&child->held, HELD_MAXIMUM);
	if (!take_number(crew, child)) {
		error_set(error, ERROR_LIMIT, "too many processes");
		release(child);
		return NULL;
	}
	if (!spawn(crew, child, error)) {
		crew->children[child->number] = NULL;
		release(child);
		return NULL;
	}
	role->generation->children++;
	return child;
}

/* A process that cannot be given what it needs is killed and reaped like any
 * other that dies before it is ready. */
static void
begin(struct crew *crew, struct child *child)
{
	struct error error;

	if (child_begin(child, crew->log_fd, crew->instance, &error))
		return;
	log_error(NULL, "service %s: %s", child->role->name, error.text);
	child_kill(child);
}

static void
add(struct crew *crew, struct child *child)
{
	child->events = crew->events;
	list_add_last(&child->role->staff.children, &child->node);
	begin(crew, child);
	crew->events->begun(child);
}

bool
crew_start(struct crew *crew, struct role *role, struct error *error)
{
	struct child *child = create(crew, role, error);

	if (child != NULL)
		add(crew, child);
	return child != NULL;
}

bool
crew_start_alone(
    struct crew *crew, struct role *role, int client, struct error *error)
{
	struct child *child = create(crew, role, error);

	if (child == NULL) {
		io_close(&client);
		return false;
	}
	child->is_alone = true;
	child->client = client;
	add(crew, child);
	return true;
}

bool
crew_check(struct crew *crew, struct role *role,
    const struct child_events *events, void *owner, struct error *error)
{
	struct child *child = create(crew, role, error);

	if (child == NULL)
		return false;
	child->events = events;
	child->owner = owner;
	child->is_check = true;
	child->is_probe = crew->probes;
	begin(crew, child);
	return true;
}

void
crew_move(struct child *child, struct role *role)
{
	list_remove(&child->node);
	child->role->generation->children--;
	child->role = role;
	role->generation->children++;
	list_add_last(&role->staff.children, &child->node);
}

void
crew_reap(struct crew *crew)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		struct child *child;
		uint32_t position = 0;

		do
			child = crew_next(crew, &position);
		while (child != NULL && child->pid != pid);
		if (child != NULL)
			child_exited(child, status);
	}
}

void
crew_set_log(struct crew *crew, int log_fd)
{
	struct child *child;
	uint32_t position = 0;

	crew->log_fd = log_fd;
	while (log_fd >= 0 && (child = crew_next(crew, &position)) != NULL)
		child_give_log(child, log_fd);
}
