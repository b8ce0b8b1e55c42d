/* SPDX-License-Identifier: MIT */
#include "lib/daemon/service.h"

#include <sys/socket.h>
#include <sys/stat.h>

#include <fcntl.h>
#include <signal.h>
#include <sysexits.h>
#include <unistd.h>

#include "lib/base/hash.h"
#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/daemon/flight.h"
#include "lib/daemon/logging.h"
#include "lib/daemon/privileges.h"
#include "lib/log/log.h"
#include "lib/loop/loop.h"
#include "lib/net/listen.h"
#include "lib/param/host.h"

enum {
	CONFIG_MAXIMUM = 4 << 20, /* bytes of main.cf or master.cf */
	ENDING_SECONDS = 5,       /* to finish once master is gone */
	ACCEPTS_PER_EVENT = 4     /* leaves some to the other workers */
};

struct listener {
	struct loop_fd loop_fd;
	struct listener *next;
	bool is_listening; /* in the loop */
	bool is_public;
	bool is_control;
	char name[48]; /* of a public one */
};

struct session {
	int fd;
	struct address peer;
	const char *listener;
};

/* The process is one service, so its state is one static object. */
static struct {
	const struct service *service;
	struct channel *control;
	struct peer_identity identity;
	struct peer_identity control_identity;
	struct message_start start; /* its texts live in `pool` */
	struct pool *pool;
	struct config *config;
	struct master_cf master_cf;
	struct param_source source;
	const struct param_set *sets[3];
	struct common_params common;
	struct hash *given; /* name -> struct given_fd */
	struct listener *listeners;
	uint32_t sessions;
	uint64_t sessions_begun;
	size_t clients; /* conversations are counted by their peers */
	struct peer **peers;
	size_t peer_count;
	bool started;
	bool stress;
	bool draining;
	bool ending;
	struct loop_timer deadline;
	struct loop_work finish;
} daemon_state;

struct given_fd {
	int fd;
};

static void
tell(enum message_type type, struct span payload)
{
	channel_send(daemon_state.control,
	    &(struct frame){
		.type = (uint16_t)type, .payload = payload, .fd = -1});
}

void
service_tell_master(enum message_type type, struct span payload)
{
	tell(type, payload);
}

/* ---- the end ---- */

static bool
has_work(void)
{
	for (size_t i = 0; i < daemon_state.peer_count; i++)
		if (peer_served(daemon_state.peers[i]) > 0)
			return true;
	return daemon_state.sessions > 0 ||
	    (daemon_state.service->is_idle != NULL &&
		!daemon_state.service->is_idle());
}

static void
finish_if_idle(struct loop_work *work UNUSED)
{
	if (daemon_state.draining && !has_work())
		loop_stop();
}

static void
check_finished(void)
{
	if (daemon_state.draining)
		loop_at_turn_end(&daemon_state.finish, finish_if_idle, NULL);
}

static void
poll_finished(struct loop_timer *timer)
{
	enum {
		POLL_INTERVAL = 20
	};

	check_finished();
	loop_timer_start(
	    timer, loop_now() + POLL_INTERVAL, poll_finished, NULL);
}

static void
deadline_passed(struct loop_timer *timer UNUSED)
{
	loop_stop();
}

static void
stop_listening(void)
{
	struct listener *listener = daemon_state.listeners;

	for (; listener != NULL; listener = listener->next) {
		int fd = listener->loop_fd.fd;

		if (listener->is_listening)
			loop_remove(&listener->loop_fd);
		listener->is_listening = false;
		listener->loop_fd.fd = -1;
		io_close(&fd);
	}
}

static void
start_draining(int64_t seconds)
{
	static struct loop_timer poll;

	stop_listening();
	if (!daemon_state.draining && daemon_state.service->drain != NULL &&
	    daemon_state.started)
		daemon_state.service->drain();
	daemon_state.draining = true;
	loop_timer_start(&daemon_state.deadline, loop_deadline(seconds),
	    deadline_passed, NULL);
	poll_finished(&poll);
}

static void
end_soon(void)
{
	if (daemon_state.ending)
		return;
	daemon_state.ending = true;
	if (!daemon_state.started) {
		loop_stop();
		return;
	}
	start_draining(ENDING_SECONDS);
}

static void
terminated(int signal_number UNUSED)
{
	end_soon();
}

/* ---- sessions and clients ---- */

static bool
is_full(void)
{
	return daemon_state.start.dial > 0 &&
	    daemon_state.sessions >= daemon_state.start.dial;
}

static void accept_clients(struct loop_fd *loop_fd);

static void
tell_dial(bool full)
{
	char byte = full ? 1 : 0;

	tell(MESSAGE_DIAL, span_of(&byte, 1));
}

/* A worker at its limit takes its public listeners out of the loop, so that the
 * kernel wakes another one. */
static void
listen_for_sessions(bool on)
{
	struct listener *listener = daemon_state.listeners;

	for (; listener != NULL; listener = listener->next) {
		if (!listener->is_public || listener->is_listening == on ||
		    listener->loop_fd.fd < 0)
			continue;
		listener->is_listening = on;
		if (on)
			loop_add_listener(&listener->loop_fd,
			    listener->loop_fd.fd, accept_clients, listener);
		else
			loop_remove(&listener->loop_fd);
	}
	tell_dial(!on);
}

void
service_session_begin(void)
{
	daemon_state.sessions++;
	daemon_state.sessions_begun++;
	if (daemon_state.sessions == daemon_state.start.dial)
		listen_for_sessions(false);
}

void
service_session_end(void)
{
	must(daemon_state.sessions > 0);
	if (is_full() && !daemon_state.draining)
		listen_for_sessions(true);
	daemon_state.sessions--;
	if (daemon_state.start.recycle > 0 && !daemon_state.draining &&
	    daemon_state.sessions_begun >= daemon_state.start.recycle)
		start_draining(INT32_MAX);
	check_finished();
}

static void
run_session(void *argument)
{
	struct session *session = argument;

	daemon_state.service->session(
	    session->listener, session->fd, &session->peer);
	free(session);
	service_session_end();
}

static void
begin_session(struct listener *listener, int fd, const struct address *peer)
{
	struct session *session = memory_alloc(sizeof *session);

	*session = (struct session){fd, *peer, listener->name};
	service_session_begin();
	loop_spawn(run_session, session);
}

static void
forget_peer(struct peer *peer)
{
	for (size_t i = 0; i < daemon_state.peer_count; i++)
		if (daemon_state.peers[i] == peer) {
			daemon_state.peers[i] =
			    daemon_state.peers[--daemon_state.peer_count];
			return;
		}
}

static void
client_closed(struct peer *peer, const struct error *error)
{
	forget_peer(peer);
	if (error->kind != ERROR_CLOSED)
		log_warning(NULL, "connection from %s: %s", peer_name(peer),
		    error->text);
	if (daemon_state.service->client_closed != NULL)
		daemon_state.service->client_closed(peer, error);
	check_finished();
}

static void
begin_client(struct listener *listener, int fd)
{
	const struct service *service = daemon_state.service;
	struct peer_settings settings = {
	    .handlers = listener->is_control ? service->control_handlers
					     : service->handlers,
	    .handler_count = listener->is_control
		? service->control_handler_count
		: service->handler_count,
	    .closed = client_closed,
	};
	struct peer *peer = peer_accept(fd,
	    listener->is_control ? &daemon_state.control_identity
				 : &daemon_state.identity,
	    &settings);

	daemon_state.peers = memory_resize(daemon_state.peers,
	    (daemon_state.peer_count + 1) * sizeof(struct peer *));
	daemon_state.peers[daemon_state.peer_count++] = peer;
}

static void
accept_clients(struct loop_fd *loop_fd)
{
	struct listener *listener = loop_fd->owner;

	for (int i = 0; i < ACCEPTS_PER_EVENT && listener->is_listening; i++) {
		struct address peer;
		int fd = listen_accept(loop_fd->fd, &peer);

		if (fd < 0)
			return;
		if (listener->is_public)
			begin_session(listener, fd, &peer);
		else
			begin_client(listener, fd);
	}
}

static void
add_listener(struct span name, int fd)
{
	struct listener *listener = memory_zero(sizeof *listener);
	struct span kind;
	struct span rest;

	span_split(name, ':', &kind, &rest);
	listener->is_public = span_equal(kind, SPAN("public"));
	listener->is_control = span_equal(kind, SPAN("control"));
	snprintf(
	    listener->name, sizeof listener->name, "%.*s", SPAN_ARGS(rest));
	listener->loop_fd.fd = fd;
	listener->next = daemon_state.listeners;
	daemon_state.listeners = listener;
}

static void
start_listening(void)
{
	struct listener *listener = daemon_state.listeners;

	for (; listener != NULL; listener = listener->next) {
		listener->is_listening = true;
		loop_add_listener(&listener->loop_fd, listener->loop_fd.fd,
		    accept_clients, listener);
	}
}

/* ---- the start ---- */

static int
take_given(const char *name)
{
	struct given_fd *given =
	    hash_remove(daemon_state.given, span_text(name));
	int fd = given == NULL ? -1 : given->fd;

	free(given);
	return fd;
}

int
service_descriptor(const char *name)
{
	const struct given_fd *given =
	    hash_get(daemon_state.given, span_text(name));

	return given == NULL ? -1 : given->fd;
}

static bool
read_given_text(const char *name, struct span *text, struct error *error)
{
	int fd = take_given(name);
	struct buf bytes;
	bool complete;

	if (fd < 0)
		return error_set(
		    error, ERROR_INVALID, "master gave no %s", name);
	buf_init(&bytes, CONFIG_MAXIMUM);
	/* The descriptor's offset is shared with the other processes. */
	complete = logging_read_shared(fd, &bytes, error) &&
	    pool_copy_span(daemon_state.pool, buf_span(&bytes), text);
	buf_finish(&bytes);
	io_close(&fd);
	return complete;
}

static bool
apply_overrides(struct error *error)
{
	struct span rest = daemon_state.start.overrides;
	struct span line;

	while (rest.len > 0) {
		span_split(rest, '\n', &line, &rest);
		if (line.len > 0 &&
		    !config_override(
			daemon_state.config, "master.cf", line, error))
			return false;
	}
	return true;
}

static bool
load_params(struct error *error)
{
	const struct service *service = daemon_state.service;
	struct param_source *source = &daemon_state.source;

	daemon_state.sets[0] = &common_param_set;
	daemon_state.sets[1] = service->params;
	*source = (struct param_source){
	    .config = daemon_state.config,
	    .sets = daemon_state.sets,
	    .host = &host_system,
	    .process_name = service->program,
	    .service_name = daemon_state.identity.service,
	};
	if (!param_load(&common_param_set, source, &daemon_state.common,
		daemon_state.pool, error))
		return false;
	return service->params == NULL ||
	    param_load(service->params, source, service->values,
		daemon_state.pool, error);
}

static bool
read_configuration(struct error *error)
{
	struct span main_cf;
	struct span master_cf;

	daemon_state.config = config_create(daemon_state.pool);
	return read_given_text("main.cf", &main_cf, error) &&
	    read_given_text("master.cf", &master_cf, error) &&
	    config_parse(
		daemon_state.config, "main.cf", main_cf, NULL, error) &&
	    master_cf_parse(daemon_state.pool, "master.cf", master_cf,
		&daemon_state.master_cf, NULL, error) &&
	    apply_overrides(error) && load_params(error);
}

static bool
open_service(struct error *error)
{
	int flight = take_given("flight");
	int log = take_given("log");

	if (!read_configuration(error))
		return false;
	logging_open(&daemon_state.common, daemon_state.service->program, log);
	if (flight >= 0 && !flight_open(flight, error))
		return false;
	return daemon_state.service->open == NULL ||
	    daemon_state.service->open(error);
}

static bool
become_user(struct error *error)
{
	const struct message_start *start = &daemon_state.start;
	char *root = pool_copy(daemon_state.pool, start->chroot);

	must(root != NULL);
	if (start->become &&
	    !privileges_give_up(start->uid, start->gid, root, error))
		return false;
	privileges_harden();
	return true;
}

static void
answer_ready(struct span text)
{
	struct message_ready ready = {text};
	struct buf payload;

	buf_init(&payload, FRAME_PAYLOAD_MAXIMUM);
	must(message_put_ready(&payload, &ready));
	tell(MESSAGE_READY, buf_span(&payload));
	buf_finish(&payload);
}

static void
start(void)
{
	struct error error = {.text = ""};
	bool opened = open_service(&error);

	if (daemon_state.start.check || !opened) {
		if (!opened && !daemon_state.start.check)
			log_error(NULL, "%s", error.text);
		answer_ready(span_text(opened ? "" : error.text));
		channel_flush(daemon_state.control, loop_deadline(1));
		exit(opened ? EX_OK : EX_CONFIG);
	}
	if (!become_user(&error))
		fatal(EX_OSERR, "%s", error.text);
	daemon_state.started = true;
	answer_ready(SPAN_EMPTY);
	if (daemon_state.service->begin != NULL)
		daemon_state.service->begin();
	start_listening();
}

static struct span
keep_text(struct span text)
{
	struct span copy;

	must(pool_copy_span(daemon_state.pool, text, &copy));
	return copy;
}

static void
take_start(struct frame *frame)
{
	struct message_start *kept = &daemon_state.start;

	must(message_get_start(frame->payload, kept));
	kept->service = keep_text(kept->service);
	kept->program = keep_text(kept->program);
	kept->chroot = keep_text(kept->chroot);
	kept->overrides = keep_text(kept->overrides);
	kept->arguments = keep_text(kept->arguments);
	daemon_state.identity = (struct peer_identity){
	    .instance = kept->instance,
	    .generation = kept->generation,
	    .service = kept->service.at,
	};
	/* A command does not know the instance's number: it proves itself by
	 * reaching the socket. */
	daemon_state.control_identity = daemon_state.identity;
	daemon_state.control_identity.instance = 0;
	switchboard_open(daemon_state.control, &daemon_state.identity);
	start();
}

/* ---- frames from master ---- */

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
	if (span_equal(give.name, SPAN("listen")) ||
	    span_starts(give.name, SPAN("public")) ||
	    span_equal(give.name, SPAN("control"))) {
		add_listener(give.name, frame->fd);
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
	tell(MESSAGE_PONG, SPAN_EMPTY);
}

static void
take_drain(struct frame *frame)
{
	struct message_drain drain;

	must(message_get_drain(frame->payload, &drain));
	start_draining(drain.seconds);
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
    {MESSAGE_START, take_start},
    {MESSAGE_GIVEN, take_given_peer},
    {MESSAGE_PING, take_ping},
    {MESSAGE_DRAIN, take_drain},
    {MESSAGE_STRESS, take_stress},
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
	end_soon();
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

/* ---- facts ---- */

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
service_is_draining(void)
{
	return daemon_state.draining;
}

bool
service_under_stress(void)
{
	return daemon_state.stress;
}
