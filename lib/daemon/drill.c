/* SPDX-License-Identifier: MIT */
#include "lib/daemon/drill.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <errno.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/base/io.h"
#include "lib/loop/loop.h"
#include "lib/sandbox/act.h"

enum {
	LINE_SIZE = 600,
	PATIENCE = 600, /* seconds */
	BACKLOG = 4
};

static struct loop_fd listener;

static void
obey(struct span line, int fd)
{
	struct span name;
	struct span argument;
	char text[LINE_SIZE];
	char answer[20];
	const struct act *act;
	int failure = EINVAL;

	span_split(line, ' ', &name, &argument);
	snprintf(text, sizeof text, "%.*s", SPAN_ARGS(argument));
	act = act_find(name);
	if (act != NULL)
		failure = act->try(argument.len > 0 ? text : act->argument);
	snprintf(answer, sizeof answer, "%d\n", failure);
	(void)!io_write(fd, span_text(answer), NULL);
}

static void
serve(void *argument)
{
	int fd = (int)(intptr_t)argument;
	struct loop_fd attacker;
	char line[LINE_SIZE];
	size_t len = 0;

	loop_add(&attacker, fd, NULL, NULL);
	while (len < sizeof line &&
	    loop_wait(&attacker, WAIT_READ, loop_deadline(PATIENCE))) {
		ssize_t got = read(fd, line + len, sizeof line - len);

		if (got < 0)
			continue;
		if (got == 0)
			break;
		len += (size_t)got;
		if (line[len - 1] != '\n')
			continue;
		obey(span_of(line, len - 1), fd);
		len = 0;
	}
	loop_remove(&attacker);
	io_close(&fd);
}

static void
accept_attacker(struct loop_fd *socket)
{
	int fd = accept4(socket->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd >= 0)
		loop_spawn(serve, (void *)(intptr_t)fd);
}

bool
drill_open(const char *program, struct error *error)
{
	const char *directory = getenv("POSTERN_DRILL_DIRECTORY");
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd;

	if (directory == NULL)
		return true;
	snprintf(address.sun_path, sizeof address.sun_path, "%s/%s.%d",
	    directory, program, (int)getpid());
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0 ||
	    bind(fd, (const struct sockaddr *)&address, sizeof address) < 0 ||
	    listen(fd, BACKLOG) < 0) {
		error_system(error, "drill");
		io_close(&fd);
		return false;
	}
	loop_add_listener(&listener, fd, accept_attacker, NULL);
	return true;
}
