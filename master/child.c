/* SPDX-License-Identifier: MIT */
#include "master/child.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "lib/base/io.h"
#include "lib/daemon/flight.h"
#include "lib/log/log.h"
#include "lib/queue/spool_make.h"

#include "master/crew.h"

enum {
	START_LIMIT = 60,   /* seconds until READY */
	CHECK_LIMIT = 15,   /* the same in check mode */
	DRAIN_GRACE = 2,    /* after the deadline it was given */
	CLOSING_LIMIT = 10, /* between end of file and exit */
	CHANNEL_GRACE = 1,  /* the other way round */
	UNREAD_MAXIMUM = 256 << 10
};

void
child_kill(struct child *child)
{
	if (!child->has_exited)
		(void)kill(child->pid, SIGKILL);
}

static void
limit_passed(struct loop_timer *timer)
{
	static const char *const reasons[] = {
	    [CHILD_STARTING] = "is not ready in time",
	    [CHILD_READY] = "has closed its channel",
	    [CHILD_DRAINING] = "does not end in time",
	};
	struct child *child = timer->owner;

	log_warning(NULL, "process %s pid %d %s: killed",
	    child->role->program->name, (int)child->pid, reasons[child->state]);
	child_kill(child);
}

static void
limit_to(struct child *child, int64_t seconds)
{
	loop_timer_start(
	    &child->limit, loop_deadline(seconds), limit_passed, child);
}

/* Takes the descriptor. */
static void
child_send(
    struct child *child, enum message_type type, struct span payload, int fd)
{
	if (child->channel == NULL) {
		io_close(&fd);
		return;
	}
	channel_send(child->channel,
	    &(struct frame){
		.type = (uint16_t)type, .payload = payload, .fd = fd});
	/* It asks without reading the answers: not what our programs do. */
	if (channel_unsent(child->channel) > UNREAD_MAXIMUM)
		child_kill(child);
}

#define MESSAGE(NAME, name, fields)                                            \
	void child_send_##name(                                                \
	    struct child *child, const struct message_##name *message, int fd) \
	{                                                                      \
		struct buf payload;                                            \
                                                                               \
		buf_init(&payload, FRAME_PAYLOAD_MAXIMUM);                     \
		must(message_put_##name(&payload, message));                   \
		child_send(child, MESSAGE_##NAME, buf_span(&payload), fd);     \
		buf_finish(&payload);                                          \
	}
#define SIGNAL(NAME)
#define RECORD(name, fields)
#include "lib/ipc/messages.def"
#undef MESSAGE
#undef SIGNAL
#undef RECORD

/* ---- what it is given ---- */

static bool
give_copy(struct child *child, const char *name, int fd, struct error *error)
{
	int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);

	if (copy < 0)
		return error_system(error, "dup");
	child_send_give(child, &(struct message_give){span_text(name)}, copy);
	return true;
}

static bool
give_directories(struct child *child, struct error *error)
{
	const struct generation *generation = child->role->generation;
	struct span rest = span_text(child->role->program->directories);
	struct span word;

	while (span_take_word(&rest, " ", &word)) {
		char name[32];
		int fd;

		snprintf(name, sizeof name, "%.*s", SPAN_ARGS(word));
		fd = spool_make_descriptor(
		    generation->instance.common.queue_directory, name, error);
		if (fd < 0)
			return false;
		child_send_give(child, &(struct message_give){word}, fd);
	}
	return true;
}

static bool
give_listeners(struct child *child, struct error *error)
{
	const struct listener_list *list = &child->role->listeners;

	for (size_t i = 0; i < list->count; i++)
		if (list->at[i].fd >= 0 &&
		    !give_copy(child, list->at[i].name, list->at[i].fd, error))
			return false;
	return true;
}

/* Nobody else comes to one that is alone. */
static bool
give_client(struct child *child, struct error *error)
{
	bool given = child->client < 0 ||
	    give_copy(child, "client", child->client, error);

	io_close(&child->client);
	return given;
}

static bool
give_all(struct child *child, int log_fd, struct error *error)
{
	const struct generation *generation = child->role->generation;

	if (!give_copy(child, "main.cf", generation->main_cf, error) ||
	    !give_copy(child, "master.cf", generation->master_cf_file, error) ||
	    (log_fd >= 0 && !give_copy(child, "log", log_fd, error)) ||
	    !give_directories(child, error))
		return false;
	if (child->is_check)
		return true;
	child->flight = flight_create(error);
	if (child->flight < 0 ||
	    !give_copy(child, "flight", child->flight, error))
		return false;
	if (role_has(child->role, PROGRAM_KEYS) &&
	    !key_files_give(&child->crew->key_files, child, error))
		return false;
	return child->is_alone ? give_client(child, error)
			       : give_listeners(child, error);
}

static const char *
root_of(const struct child *child)
{
	struct role *role = child->role;

	if (!role->becomes || !role_has(role, PROGRAM_CHROOT))
		return "";
	return instance_control_path(&role->generation->instance, "empty");
}

static void
send_start(struct child *child, uint64_t instance)
{
	const struct role *role = child->role;
	struct message_start message = {
	    .service = span_text(role->name),
	    .program = span_text(role->program->name),
	    .generation = child->generation,
	    .instance = instance,
	    .process = child->number,
	    .become = role->becomes,
	    .uid = role->uid,
	    .gid = role->gid,
	    .chroot = span_text(root_of(child)),
	    .overrides = role->overrides,
	    .arguments = role->arguments,
	    .dial = child->is_alone ? 1 : role_dial(role),
	    .recycle = child->is_alone ? 1 : 0,
	    .alone = child->is_alone,
	    .check = child->is_check,
	    .probe = child->is_probe,
	};

	child_send_start(child, &message, -1);
}

bool
child_begin(
    struct child *child, int log_fd, uint64_t instance, struct error *error)
{
	limit_to(child, child->is_check ? CHECK_LIMIT : START_LIMIT);
	if (!give_all(child, log_fd, error))
		return false;
	send_start(child, instance);
	return true;
}

void
child_give_log(struct child *child, int log_fd)
{
	if (child->state != CHILD_STARTING && child->channel != NULL &&
	    !give_copy(child, "log", log_fd, NULL))
		child_kill(child);
}

/* ---- while it lives ---- */

void
child_ping(struct child *child)
{
	child->unanswered++;
	child_send(child, MESSAGE_PING, SPAN_EMPTY, -1);
}

void
child_drain(struct child *child, uint32_t seconds)
{
	struct message_drain message = {seconds};

	if (child->state == CHILD_STARTING) {
		child_kill(child);
		return;
	}
	child->state = CHILD_DRAINING;
	child_send_drain(child, &message, -1);
	limit_to(child, (int64_t)seconds + DRAIN_GRACE);
}

static bool
take_ready(struct child *child, const struct frame *frame)
{
	struct message_ready message;

	if (child->state != CHILD_STARTING ||
	    !message_get_ready(frame->payload, &message))
		return false;
	snprintf(child->level, sizeof child->level, "%.*s",
	    SPAN_ARGS(message.level));
	if (message.text.len == 0) {
		if (!child->is_check)
			loop_timer_stop(&child->limit);
		child->state = CHILD_READY;
		child->ready_at = loop_now();
	}
	child->events->ready(child, message.text);
	return true;
}

static bool
take_frame(struct child *child, struct frame *frame)
{
	switch (frame->type) {
	case MESSAGE_READY:
		return take_ready(child, frame);
	case MESSAGE_PONG:
		if (child->unanswered == 0)
			return false;
		child->unanswered--;
		return true;
	default:
		return child->events->frame(child, frame);
	}
}

static void
on_frame(void *owner, struct frame *frame)
{
	struct child *child = owner;
	bool taken = take_frame(child, frame);

	io_close(&frame->fd);
	if (taken)
		return;
	log_warning(NULL, "process %s pid %d: killed, unexpected %s",
	    child->role->program->name, (int)child->pid,
	    message_name(frame->type));
	child_kill(child);
}

/* ---- the end ---- */

/* Both its exit and the end of its channel have been seen, in either order:
 * what it said last has been read. */
static void
finish(struct child *child)
{
	loop_timer_stop(&child->limit);
	channel_destroy(child->channel);
	child->channel = NULL;
	child->finished(child);
}

static void
stop_waiting_for_channel(struct loop_timer *timer)
{
	finish(timer->owner);
}

static void
on_closed(void *owner, const struct error *error UNUSED)
{
	struct child *child = owner;

	channel_destroy(child->channel);
	child->channel = NULL;
	if (child->has_exited)
		finish(child);
	else
		limit_to(child, CLOSING_LIMIT);
}

void
child_exited(struct child *child, int status)
{
	child->has_exited = true;
	child->status = status;
	if (child->channel == NULL)
		finish(child);
	else
		/* A process it left behind may hold the other end. */
		loop_timer_start(&child->limit, loop_deadline(CHANNEL_GRACE),
		    stop_waiting_for_channel, child);
}

const struct channel_events child_channel_events = {
    .frame = on_frame,
    .closed = on_closed,
};
