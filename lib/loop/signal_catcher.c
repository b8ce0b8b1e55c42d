/* SPDX-License-Identifier: MIT */
#include "lib/loop/signal_catcher.h"

#include <sys/eventfd.h>

#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include "lib/base/io.h"

enum {
	SIGNAL_COUNT = 65
};

/* A handler gets no argument to find this by. */
static struct {
	bool opened;
	int fd;
	void (*actions[SIGNAL_COUNT])(int signal_number);
	volatile sig_atomic_t caught[SIGNAL_COUNT];
} catcher;

void
signal_catcher_note(int signal_number)
{
	int saved_errno = errno;
	uint64_t one = 1;

	catcher.caught[signal_number] = 1;
	/* It fails only when the counter is full, and then wakes all the same.
	 */
	if (write(catcher.fd, &one, sizeof one) < 0)
		errno = 0;
	errno = saved_errno;
}

int
signal_catcher_fd(void)
{
	if (catcher.opened)
		return catcher.fd;
	catcher.fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (catcher.fd < 0)
		io_give_up("signalfd");
	catcher.opened = true;
	return catcher.fd;
}

void
signal_catcher_watch(int signal_number, void (*action)(int signal_number))
{
	struct sigaction catching = {
	    .sa_handler = signal_catcher_note, .sa_flags = SA_RESTART};

	must(signal_number > 0 && signal_number < SIGNAL_COUNT);
	(void)signal_catcher_fd();
	catcher.actions[signal_number] = action;
	sigemptyset(&catching.sa_mask);
	must(sigaction(signal_number, &catching, NULL) == 0);
}

void
signal_catcher_dispatch(void)
{
	uint64_t count;

	/* Emptied before looking: a signal from now on counts anew. */
	if (catcher.opened && read(catcher.fd, &count, sizeof count) < 0)
		must(errno == EAGAIN || errno == EINTR);
	for (int number = 1; number < SIGNAL_COUNT; number++) {
		if (!catcher.caught[number])
			continue;
		catcher.caught[number] = 0;
		catcher.actions[number](number);
	}
}

void
signal_catcher_reset(void)
{
	struct sigaction standard = {.sa_handler = SIG_DFL};

	for (int number = 1; number < SIGNAL_COUNT; number++) {
		if (catcher.actions[number] == NULL)
			continue;
		/* That of the sandbox stays as long as the process. */
		if (number != SIGSYS)
			must(sigaction(number, &standard, NULL) == 0);
		catcher.actions[number] = NULL;
		catcher.caught[number] = 0;
	}
	if (catcher.opened)
		io_close(&catcher.fd);
	catcher.opened = false;
}
