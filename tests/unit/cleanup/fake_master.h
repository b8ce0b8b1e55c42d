/* SPDX-License-Identifier: MIT */
/* Runs a daemon under a test that plays master: the descriptors and START go in
 * over its control channel, and what it asks for by NEED is answered with a
 * connection to the test itself. Owned by the test; everything lies in a
 * directory of its own that fake_master_stop removes. */
#ifndef UNIT_CLEANUP_FAKE_MASTER_H
#define UNIT_CLEANUP_FAKE_MASTER_H

#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <fcntl.h>
#include <limits.h>
#include <unistd.h>

#include "lib/base/io.h"
#include "lib/daemon/service.h"
#include "lib/ipc/channel.h"
#include "lib/ipc/peer.h"
#include "lib/loop/loop.h"
#include "lib/net/listen.h"

#include "../unit.h"

enum {
	FAKE_MASTER_PATIENCE = 20, /* seconds for anything the daemon does */
	FAKE_MASTER_PATH_SIZE = 128
};

struct fake_service {
	const char *name;
	const struct peer_handler *handlers;
	size_t handler_count;
};

struct fake_master {
	char directory[64];
	const struct fake_service *services; /* what the daemon may need */
	size_t service_count;
	struct channel *control;
	pid_t pid;
	bool is_ready;
	bool has_ended;
	struct loop_signal changed;
};

static inline void
fake_master_send(struct fake_master *master, enum message_type type,
    struct span payload, int fd)
{
	channel_send(master->control,
	    &(struct frame){
		.type = (uint16_t)type, .payload = payload, .fd = fd});
}

static inline void
fake_master_give(struct fake_master *master, const char *name, int fd)
{
	struct message_give give = {span_text(name)};
	struct buf payload;

	assert_true(fd >= 0);
	buf_init(&payload, FRAME_PAYLOAD_MAXIMUM);
	assert_true(message_put_give(&payload, &give));
	fake_master_send(master, MESSAGE_GIVE, buf_span(&payload), fd);
	buf_finish(&payload);
}

static inline void
fake_master_give_text(
    struct fake_master *master, const char *name, const char *text)
{
	int fd = memfd_create(name, MFD_CLOEXEC);
	struct error error;

	assert_true(io_write(fd, span_text(text), &error));
	fake_master_give(master, name, fd);
}

/* "<directory>/<name>" in `path` of FAKE_MASTER_PATH_SIZE bytes. */
static inline const char *
fake_master_path(const struct fake_master *master, const char *name, char *path)
{
	snprintf(path, FAKE_MASTER_PATH_SIZE, "%s/%s", master->directory, name);
	return path;
}

/* Gives a listening socket that fake_master_connect can reach. */
static inline void
fake_master_listen(struct fake_master *master, const char *name)
{
	char path[FAKE_MASTER_PATH_SIZE];
	struct address address;
	struct error error;

	assert_true(address_local(
	    span_text(fake_master_path(master, name, path)), &address, &error));
	fake_master_give(master, name, listen_open(&address, 16, 0700, &error));
}

static inline int
fake_master_connect(const struct fake_master *master, const char *name)
{
	char path[FAKE_MASTER_PATH_SIZE];
	struct address address;
	struct error error;
	int fd;

	assert_true(address_local(
	    span_text(fake_master_path(master, name, path)), &address, &error));
	fd = connect_open(
	    &address, NULL, loop_deadline(FAKE_MASTER_PATIENCE), &error);
	assert_true(fd >= 0);
	return fd;
}

static inline void
fake_master_answer_need(struct fake_master *master, struct span service)
{
	struct message_given given = {.service = service};
	struct buf payload;
	int pair[2] = {-1, -1};

	for (size_t i = 0; i < master->service_count; i++) {
		const struct fake_service *fake = &master->services[i];
		struct peer_identity identity = {1, 1, fake->name};
		struct peer_settings settings = {.handlers = fake->handlers,
		    .handler_count = fake->handler_count};

		if (!span_equal(service, span_text(fake->name)))
			continue;
		assert_int_equal(
		    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair),
		    0);
		(void)peer_accept(pair[0], &identity, &settings);
	}
	if (pair[1] < 0)
		given.text = SPAN("no such service");
	buf_init(&payload, FRAME_PAYLOAD_MAXIMUM);
	assert_true(message_put_given(&payload, &given));
	fake_master_send(master, MESSAGE_GIVEN, buf_span(&payload), pair[1]);
	buf_finish(&payload);
}

static inline void
fake_master_frame(void *owner, struct frame *frame)
{
	struct fake_master *master = owner;
	struct message_ready ready;
	struct message_need need;

	if (frame->type == MESSAGE_READY) {
		assert_true(message_get_ready(frame->payload, &ready));
		assert_span(ready.text, "");
		master->is_ready = true;
	} else if (frame->type == MESSAGE_NEED) {
		assert_true(message_get_need(frame->payload, &need));
		fake_master_answer_need(master, need.service);
	}
	loop_signal_raise(&master->changed);
}

static inline void
fake_master_closed(void *owner, const struct error *error UNUSED)
{
	struct fake_master *master = owner;

	master->has_ended = true;
	loop_signal_raise(&master->changed);
}

/* Executes build/bin/<program>, found beside this test. */
static inline pid_t
fake_master_spawn(const char *program, int control)
{
	static char path[PATH_MAX];
	ssize_t len = readlink("/proc/self/exe", path, sizeof path - 1);
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	path[len > 0 ? len : 0] = '\0';
	*strrchr(path, '/') = '\0';
	snprintf(strrchr(path, '/'), 64, "/bin/%s", program);
	if (control == SERVICE_CONTROL_FD)
		(void)fcntl(control, F_SETFD, 0);
	else
		(void)dup2(control, SERVICE_CONTROL_FD);
	execl(path, program, (char *)NULL);
	_exit(127);
}

/* Starts `program`, outside the loop; the test then gives what it wants besides
 * main.cf and master.cf, and calls fake_master_start. */
static inline void
fake_master_open(
    struct fake_master *master, const char *program, const char *main_cf)
{
	static const struct channel_events events = {
	    .frame = fake_master_frame,
	    .closed = fake_master_closed,
	};
	int pair[2];

	snprintf(master->directory, sizeof master->directory,
	    "/tmp/postern-unit-XXXXXX");
	assert_non_null(mkdtemp(master->directory));
	assert_int_equal(
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	master->pid = fake_master_spawn(program, pair[1]);
	assert_true(master->pid > 0);
	close(pair[1]);
	master->control = channel_create(pair[0], &events, master);
	fake_master_give_text(master, "main.cf", main_cf);
	fake_master_give_text(master, "master.cf", "");
	fake_master_give(master, "log", dup(STDERR_FILENO));
}

/* Sends START and waits for READY; in a coroutine. */
static inline void
fake_master_start(struct fake_master *master, const char *program)
{
	struct message_start start = {
	    .service = span_text(program),
	    .program = span_text(program),
	    .generation = 1,
	    .instance = 1,
	    .process = 7,
	};
	int64_t deadline = loop_deadline(FAKE_MASTER_PATIENCE);
	struct buf payload;

	buf_init(&payload, FRAME_PAYLOAD_MAXIMUM);
	assert_true(message_put_start(&payload, &start));
	fake_master_send(master, MESSAGE_START, buf_span(&payload), -1);
	buf_finish(&payload);
	while (!master->is_ready)
		assert_true(loop_signal_wait(&master->changed, deadline));
}

/* Ends the daemon, which has to exit with 0, and removes the directory. */
static inline void
fake_master_stop(struct fake_master *master)
{
	char command[128];
	int status;

	channel_destroy(master->control);
	assert_int_equal(waitpid(master->pid, &status, 0), master->pid);
	assert_int_equal(status, 0);
	snprintf(command, sizeof command, "rm -rf %s", master->directory);
	assert_int_equal(system(command), 0);
}

#endif
