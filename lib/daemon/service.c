/* SPDX-License-Identifier: MIT */
#include "lib/daemon/service.h"

#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <fcntl.h>
#include <signal.h>
#include <sysexits.h>
#include <unistd.h>

#include "lib/base/memory.h"
#include "lib/daemon/ending.h"
#include "lib/daemon/intake.h"
#include "lib/daemon/logging.h"
#include "lib/daemon/outcasts.h"
#include "lib/daemon/startup.h"
#include "lib/daemon/state.h"
#include "lib/log/log.h"

struct daemon_state daemon_state;

void
daemon_tell(enum message_type type, struct span payload)
{
	channel_send(daemon_state.control,
	    &(struct frame){
		.type = (uint16_t)type, .payload = payload, .fd = -1});
}

void
service_tell_master(enum message_type type, struct span payload)
{
	daemon_tell(type, payload);
}

void
service_tell_key_file(const char *path)
{
	struct message_key_file message = {span_text(path)};
	struct buf payload;

	must(!daemon_state.started);
	buf_init(&payload, FRAME_PAYLOAD_MAXIMUM);
	if (message_put_key_file(&payload, &message))
		daemon_tell(MESSAGE_KEY_FILE, buf_span(&payload));
	buf_finish(&payload);
}

static void
take_give(struct frame *frame)
{
	struct message_give give;
	struct given_fd *given;

	must(message_get_give(frame->payload, &give));
	must(frame->fd >= 0);
	if (daemon_state.started && span_equal(give.name, SPAN("log"))) {
		logging_reopen(frame->fd);
		return;
	}
	if (intake_is_listener(give.name)) {
		intake_add(give.name, frame->fd);
		return;
	}
	given = memory_alloc(sizeof *given);
	given->fd = frame->fd;
	free(hash_put(daemon_state.given, give.name, given));
}

static void
take_given_peer(struct frame *frame)
{
	struct message_given given;

	must(message_get_given(frame->payload, &given));
	switchboard_given(&given, frame->fd);
}

static void
take_ping(struct frame *frame UNUSED)
{
	daemon_tell(MESSAGE_PONG, SPAN_EMPTY);
}

static void
take_drain(struct frame *frame)
{
	struct message_drain drain;

	must(message_get_drain(frame->payload, &drain));
	ending_drain(drain.seconds);
}

static void
take_stress(struct frame *frame)
{
	struct message_stress stress;

	must(message_get_stress(frame->payload, &stress));
	daemon_state.stress = stress.on;
}

static const struct {
	uint16_t type;
	void (*take)(struct frame *frame);
} control_frames[] = {
    {MESSAGE_GIVE, take_give},
    {MESSAGE_START, startup_take},
    {MESSAGE_GIVEN, take_given_peer},
    {MESSAGE_PING, take_ping},
    {MESSAGE_DRAIN, take_drain},
    {MESSAGE_STRESS, take_stress},
    {MESSAGE_CLIENTS, outcasts_take},
};

static void
control_frame(void *owner UNUSED, struct frame *frame)
{
	for (size_t i = 0; i < COUNT_OF(control_frames); i++)
		if (control_frames[i].type == frame->type) {
			control_frames[i].take(frame);
			return;
		}
	must(daemon_state.service->control != NULL);
	daemon_state.service->control(frame);
}

static void
control_closed(void *owner UNUSED, const struct error *error UNUSED)
{
	ending_begin();
}

static void
terminated(int signal_number UNUSED)
{
	ending_begin();
}

int
service_run(const struct service *service, int argc UNUSED, char **argv)
{
	static const struct channel_events events = {
	    .frame = control_frame,
	    .closed = control_closed,
	};
	struct stat status;

	if (fstat(SERVICE_CONTROL_FD, &status) < 0 ||
	    !S_ISSOCK(status.st_mode)) {
		fprintf(stderr,
		    "%s: this program is started by the postern master only\n",
		    argv[0]);
		return EX_USAGE;
	}
	umask(077);
	/* Executed by descriptor, the process has no name of its own. */
	(void)prctl(PR_SET_NAME, service->program);
	(void)fcntl(SERVICE_CONTROL_FD, F_SETFD, FD_CLOEXEC);
	daemon_state.service = service;
	daemon_state.pool =
	    pool_create(NULL, service->program, POOL_NO_MAXIMUM);
	daemon_state.given = hash_create();
	loop_on_signal(SIGTERM, terminated);
	(void)signal(SIGPIPE, SIG_IGN);
	daemon_state.control =
	    channel_create(SERVICE_CONTROL_FD, &events, NULL);
	loop_run();
	channel_flush(daemon_state.control, loop_deadline(1));
	log_flush();
	return EX_OK;
}

int
service_descriptor(const char *name)
{
	const struct given_fd *given =
	    hash_get(daemon_state.given, span_text(name));

	return given == NULL ? -1 : given->fd;
}

const struct common_params *
service_common(void)
{
	return &daemon_state.common;
}

const struct config *
service_config(void)
{
	return daemon_state.config;
}

const struct param_source *
service_param_source(void)
{
	return &daemon_state.source;
}

const struct master_cf *
service_master_cf(void)
{
	return &daemon_state.master_cf;
}

struct pool *
service_pool(void)
{
	return daemon_state.pool;
}

const char *
service_program(void)
{
	return daemon_state.start.program.len > 0
	    ? daemon_state.start.program.at
	    : daemon_state.service->program;
}

const char *
service_name(void)
{
	return daemon_state.identity.service;
}

struct span
service_arguments(void)
{
	return daemon_state.start.arguments;
}

uint32_t
service_generation(void)
{
	return daemon_state.start.generation;
}

bool
service_is_check(void)
{
	return daemon_state.start.check;
}

uint32_t
service_process(void)
{
	return daemon_state.start.process;
}

uint32_t
service_dial(void)
{
	return daemon_state.start.dial;
}

bool
service_is_alone(void)
{
	return daemon_state.start.alone;
}

bool
service_is_draining(void)
{
	return daemon_state.draining;
}

bool
service_under_stress(void)
{
	return daemon_state.stress;
}
