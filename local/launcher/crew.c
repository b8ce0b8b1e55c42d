/* SPDX-License-Identifier: MIT */
#include "local/launcher/crew.h"

#include <sys/socket.h>
#include <sys/wait.h>

#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/daemon/service.h"
#include "lib/log/log.h"
#include "lib/loop/loop.h"

enum {
	WORKER_MAXIMUM = 200, /* more than local and virtual have slots */
	DELIVERIES_MAXIMUM = 100,
	IDLE_SECONDS = 10
};

struct worker {
	struct list node;
	struct identity identity;
	char *base; /* the directory of its mailboxes */
	struct loop_fd socket;
	struct loop_timer idle;
	unsigned deliveries;
	bool is_busy;
};

/* The process has one crew. */
static struct {
	const struct job_settings *settings;
	struct list workers;
	size_t count;
} crew;

static void
reap(int signal_number UNUSED)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		if (WIFSIGNALED(status))
			log_error(NULL,
			    "delivering process %d killed by signal %d",
			    (int)pid, WTERMSIG(status));
		else if (WEXITSTATUS(status) != 0)
			log_error(NULL, "delivering process %d exit status %d",
			    (int)pid, WEXITSTATUS(status));
}

void
crew_open(const struct job_settings *settings)
{
	crew.settings = settings;
	list_init(&crew.workers);
	loop_on_signal(SIGCHLD, reap);
}

/* A child ends when its socket is closed. */
static void
dismiss(struct worker *worker)
{
	int fd = worker->socket.fd;

	loop_timer_stop(&worker->idle);
	loop_remove(&worker->socket);
	io_close(&fd);
	list_remove(&worker->node);
	crew.count--;
	free(worker->base);
	free(worker);
}

static void
idle_passed(struct loop_timer *timer)
{
	dismiss(timer->owner);
}

/* A child without a delivery has nothing to say: it has died. */
static void
take_event(struct loop_fd *socket)
{
	struct worker *worker = socket->owner;

	if (!worker->is_busy && socket->hung_up)
		dismiss(worker);
}

static struct worker *
find_idle(const struct identity *identity, const char *base)
{
	list_foreach (node, &crew.workers) {
		struct worker *worker = list_element(node, struct worker, node);

		if (!worker->is_busy &&
		    identity_equal(&worker->identity, identity) &&
		    strcmp(worker->base, base) == 0)
			return worker;
	}
	return NULL;
}

/* Makes room by ending an idle one. */
static bool
make_room(void)
{
	list_foreach (node, &crew.workers) {
		struct worker *worker = list_element(node, struct worker, node);

		if (crew.count < WORKER_MAXIMUM)
			break;
		if (worker->is_busy)
			continue;
		dismiss(worker);
		return true;
	}
	return crew.count < WORKER_MAXIMUM;
}

static struct worker *
create(const struct identity *identity, const char *base, struct error *error)
{
	struct worker *worker;
	int pair[2];
	pid_t pid;

	if (!make_room()) {
		error_set(error, ERROR_LIMIT, "too many deliveries at once");
		return NULL;
	}
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0) {
		error_system(error, "socketpair");
		return NULL;
	}
	pid = fork();
	if (pid == 0)
		child_run(pair[1], identity, base, crew.settings);
	io_close(&pair[1]);
	if (pid < 0) {
		error_system(error, "fork");
		io_close(&pair[0]);
		return NULL;
	}
	worker = memory_zero(sizeof *worker);
	worker->identity = *identity;
	worker->base = memory_copy(span_text(base));
	loop_add(&worker->socket, pair[0], take_event, worker);
	list_add_last(&crew.workers, &worker->node);
	crew.count++;
	return worker;
}

bool
crew_send(struct worker *worker, struct span content, struct error *error)
{
	int64_t deadline = loop_deadline(service_common()->ipc_timeout);

	while (content.len > 0) {
		ssize_t put = write(worker->socket.fd, content.at, content.len);

		if (put >= 0)
			content = span_skip(content, (size_t)put);
		else if (errno != EAGAIN && errno != EINTR)
			return error_system(error, "delivering process");
		else if (errno == EAGAIN &&
		    !loop_wait(&worker->socket, WAIT_WRITE, deadline))
			return error_set(error, ERROR_TIMEOUT,
			    "timeout on a delivering process");
	}
	return true;
}

bool
crew_receive(struct worker *worker, struct reply *reply, struct error *error)
{
	int64_t deadline = loop_deadline(service_common()->ipc_timeout);
	size_t len = 0;

	while (len < sizeof *reply) {
		ssize_t got = read(worker->socket.fd, (char *)reply + len,
		    sizeof *reply - len);

		if (got > 0)
			len += (size_t)got;
		else if (got == 0)
			return error_set(
			    error, ERROR_CLOSED, "the delivering process died");
		else if (errno != EAGAIN && errno != EINTR)
			return error_system(error, "delivering process");
		else if (errno == EAGAIN &&
		    !loop_wait(&worker->socket, WAIT_READ, deadline))
			return error_set(error, ERROR_TIMEOUT,
			    "timeout on a delivering process");
	}
	return true;
}

static bool
begin(struct worker *worker, const struct job *job, struct error *error)
{
	loop_timer_stop(&worker->idle);
	worker->is_busy = true;
	worker->deliveries++;
	return crew_send(worker, span_of(job, sizeof *job), error);
}

/* An idle child that has just died is no reason to fail. */
struct worker *
crew_take(
    const struct identity *identity, const struct job *job, struct error *error)
{
	struct worker *worker;

	while ((worker = find_idle(identity, job->base)) != NULL) {
		if (begin(worker, job, error))
			return worker;
		dismiss(worker);
	}
	worker = create(identity, job->base, error);
	if (worker == NULL || begin(worker, job, error))
		return worker;
	dismiss(worker);
	return NULL;
}

void
crew_return(struct worker *worker, bool done)
{
	worker->is_busy = false;
	if (!done || worker->socket.hung_up ||
	    worker->deliveries >= DELIVERIES_MAXIMUM || service_is_draining())
		dismiss(worker);
	else
		loop_timer_start(&worker->idle, loop_deadline(IDLE_SECONDS),
		    idle_passed, worker);
}
