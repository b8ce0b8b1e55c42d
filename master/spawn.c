/* SPDX-License-Identifier: MIT */
#include "master/spawn.h"

#include <sys/socket.h>

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "lib/base/io.h"

enum {
	CONTROL_FD = 3,
	EXIT_NOT_EXECUTED = 127
};

void
spawn_prepare(void)
{
	int fd;

	(void)close_range(CONTROL_FD, ~0u, 0);
	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd < CONTROL_FD);
	must(fd == CONTROL_FD && fcntl(fd, F_SETFD, FD_CLOEXEC) == 0);
}

/* Everything else that is open is close-on-exec. */
static bool
arrange_descriptors(const struct spawn_request *request, int control)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	return null >= 0 && dup2(null, STDIN_FILENO) >= 0 &&
	    dup2(null, STDOUT_FILENO) >= 0 &&
	    dup2(request->report_fd >= 0 ? request->report_fd : null,
		STDERR_FILENO) >= 0 &&
	    dup2(control, CONTROL_FD) == CONTROL_FD;
}

static _Noreturn void
become_program(const struct spawn_request *request, int control)
{
	char *arguments[] = {(char *)(uintptr_t)request->name, NULL};

	/* Signals typed at a terminal are for master alone. */
	(void)setsid();
	if (arrange_descriptors(request, control))
		(void)execveat(request->image, "", arguments,
		    request->environment, AT_EMPTY_PATH);
	_exit(EXIT_NOT_EXECUTED);
}

pid_t
spawn_program(
    const struct spawn_request *request, int *control, struct error *error)
{
	int pair[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0) {
		error_system(error, "socketpair");
		return -1;
	}
	/* Not fork(3), whose handlers prepare a child to go on with our code.
	 * Signals caught by us get their default action back by the exec. */
	pid = _Fork();
	if (pid == 0)
		become_program(request, pair[1]);
	io_close(&pair[1]);
	*control = pair[0];
	if (pid < 0) {
		error_system(error, "fork");
		io_close(control);
	}
	return pid;
}
