/* SPDX-License-Identifier: MIT */
#include "lib/daemon/intake.h"

#include <errno.h>

#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/daemon/ending.h"
#include "lib/daemon/outcasts.h"
#include "lib/daemon/state.h"
#include "lib/log/log.h"
#include "lib/net/listen.h"

enum {
	ACCEPTS_PER_EVENT = 4, /* leaves some to the other workers */
	PAUSE = 1 /* seconds without accepting when no descriptor is left */
};

struct listener {
	struct loop_fd loop_fd;
	struct listener *next;
	bool is_listening; /* in the loop */
	struct loop_timer pause;
	bool is_public;
	bool is_control;
	char name[48]; /* of a public one */
};

struct session {
	int fd;
	struct address peer;
	const char *listener;
};

static struct listener *listeners;
static struct peer **peers;
static size_t peer_count;

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

	daemon_tell(MESSAGE_DIAL, span_of(&byte, 1));
}

/* A worker at its limit takes its public listeners out of the loop, so that the
 * kernel wakes another one. */
static void
listen_for_sessions(bool on)
{
	struct listener *listener = listeners;

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
		ending_drain(INT32_MAX);
	ending_check();
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
begin_session(const char *listener, int fd, const struct address *peer)
{
	struct session *session = memory_alloc(sizeof *session);

	*session = (struct session){fd, *peer, listener};
	service_session_begin();
	loop_spawn(run_session, session);
}

static void
forget_peer(struct peer *peer)
{
	for (size_t i = 0; i < peer_count; i++)
		if (peers[i] == peer) {
			peers[i] = peers[--peer_count];
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
	ending_check();
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
	    .served_maximum =
		(uint32_t)daemon_state.common.ipc_conversation_limit,
	    .closed = client_closed,
	};
	struct peer_identity identity = daemon_state.identity;
	struct peer *peer;

	/* A command does not know the instance's number: it proves itself by
	 * reaching the socket. */
	if (listener->is_control)
		identity.instance = 0;
	peer = peer_accept(fd, &identity, &settings);

	peers = memory_resize(peers, (peer_count + 1) * sizeof(struct peer *));
	peers[peer_count++] = peer;
}

static void
listen_again(struct loop_timer *timer)
{
	struct listener *listener = timer->owner;

	if (listener->is_listening || listener->loop_fd.fd < 0 ||
	    (listener->is_public && is_full()))
		return;
	listener->is_listening = true;
	loop_add_listener(
	    &listener->loop_fd, listener->loop_fd.fd, accept_clients, listener);
}

/* A client waits that this process has no room for: looking at it again and
 * again would take the processor from those that are being served. */
static void
pause_listening(struct listener *listener)
{
	log_warning(NULL, "no client can be accepted for %d s: %s", PAUSE,
	    strerror(errno));
	listener->is_listening = false;
	loop_remove(&listener->loop_fd);
	loop_timer_start(
	    &listener->pause, loop_deadline(PAUSE), listen_again, listener);
}

static bool
is_out_of_room(int number)
{
	return number == EMFILE || number == ENFILE || number == ENOBUFS ||
	    number == ENOMEM;
}

static void
accept_clients(struct loop_fd *loop_fd)
{
	struct listener *listener = loop_fd->owner;

	for (int i = 0; i < ACCEPTS_PER_EVENT && listener->is_listening; i++) {
		struct address peer;
		int fd = listen_accept(loop_fd->fd, &peer);

		if (fd < 0) {
			if (is_out_of_room(errno))
				pause_listening(listener);
			return;
		}
		if (!listener->is_public)
			begin_client(listener, fd);
		else if (outcasts_has(&peer))
			outcasts_hand_over(fd);
		else
			begin_session(listener->name, fd, &peer);
	}
}

void
intake_add(struct span name, int fd)
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
	listener->next = listeners;
	listeners = listener;
}

void
intake_start(void)
{
	struct listener *listener = listeners;

	for (; listener != NULL; listener = listener->next) {
		listener->is_listening = true;
		loop_add_listener(&listener->loop_fd, listener->loop_fd.fd,
		    accept_clients, listener);
	}
}

void
intake_serve(int fd)
{
	struct address peer = address_of_peer(fd);

	begin_session("", fd, &peer);
}

void
intake_stop(void)
{
	struct listener *listener = listeners;

	for (; listener != NULL; listener = listener->next) {
		int fd = listener->loop_fd.fd;

		if (listener->is_listening)
			loop_remove(&listener->loop_fd);
		listener->is_listening = false;
		listener->loop_fd.fd = -1;
		io_close(&fd);
	}
}

bool
intake_is_listener(struct span name)
{
	return span_equal(name, SPAN("listen")) ||
	    span_equal(name, SPAN("control")) ||
	    span_starts(name, SPAN("public"));
}

bool
intake_is_serving(void)
{
	for (size_t i = 0; i < peer_count; i++)
		if (peer_served(peers[i]) > 0)
			return true;
	return false;
}
