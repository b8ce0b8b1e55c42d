/* SPDX-License-Identifier: MIT */
/* Misfortune for the daemons of a test instance, by LD_PRELOAD. Lines of the
 * file $PRELOAD_DIRECTORY/orders, after an empty one, say what happens, and may
 * change at any time:
 *
 *   crash-read-PROGRAM TEXT  the process dies by SIGSEGV when it reads bytes
 *                            with that text from a file
 *   crash-scan-PROGRAM TEXT  the same, for a whole segment
 *   crash-send-PROGRAM TEXT  when it writes them to a socket
 *   clock SECONDS            is added to the wall clock
 */
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
	TEXT_SIZE = 100,
	PATH_SIZE = 400,
	ORDERS_SIZE = 1024,
	MESSAGE_SIZE = 100000
};

typedef ssize_t write_function(int fd, const void *bytes, size_t count);
typedef ssize_t pread_function(
    int fd, void *bytes, size_t count, off64_t offset);
typedef ssize_t sendmsg_function(
    int fd, const struct msghdr *message, int flags);
typedef int clock_function(clockid_t clock, struct timespec *now);

/* What is replaced here. */
static void *
real(const char *name)
{
	return dlsym(RTLD_NEXT, name);
}

/* A page that the test writes to, as lines of a name and what it says. It is
 * mapped before the process is confined, and read without a system call. */
static const volatile char *orders;

__attribute__((constructor)) static void
map_orders(void)
{
	const char *directory = getenv("PRELOAD_DIRECTORY");
	char path[PATH_SIZE];
	void *map = MAP_FAILED;
	int fd = -1;

	if (directory != NULL) {
		snprintf(path, sizeof path, "%s/orders", directory);
		fd = open(path, O_RDONLY | O_CLOEXEC);
	}
	if (fd >= 0) {
		map = mmap(NULL, ORDERS_SIZE, PROT_READ, MAP_SHARED, fd, 0);
		close(fd);
	}
	if (map != MAP_FAILED)
		orders = map;
}

/* What the line of that name says; the length, 0 when there is none. */
static size_t
read_order(const char *prefix, const char *name, char text[TEXT_SIZE])
{
	char copy[ORDERS_SIZE + 1];
	char wanted[TEXT_SIZE];
	const char *line;
	size_t len = 0;

	if (orders == NULL)
		return 0;
	for (size_t i = 0; i < ORDERS_SIZE; i++)
		copy[i] = orders[i];
	copy[ORDERS_SIZE] = '\0';
	snprintf(wanted, sizeof wanted, "\n%s%s ", prefix, name);
	line = strstr(copy, wanted);
	if (line == NULL)
		return 0;
	line += strlen(wanted);
	while (len < TEXT_SIZE - 1 && line[len] != '\0' && line[len] != '\n') {
		text[len] = line[len];
		len++;
	}
	text[len] = '\0';
	return len;
}

static void
crash_if_told(const char *when, const void *bytes, size_t count)
{
	char text[TEXT_SIZE];
	sigset_t set;
	size_t len = read_order(when, program_invocation_short_name, text);

	if (len == 0 || memmem(bytes, count, text, len) == NULL)
		return;
	signal(SIGSEGV, SIG_DFL);
	/* Threads for jobs have all signals blocked. */
	sigemptyset(&set);
	sigaddset(&set, SIGSEGV);
	pthread_sigmask(SIG_UNBLOCK, &set, NULL);
	raise(SIGSEGV);
}

ssize_t
pread64(int fd, void *bytes, size_t count, off64_t offset)
{
	ssize_t got = ((pread_function *)(uintptr_t)real("pread64"))(
	    fd, bytes, count, offset);

	/* A whole segment is read for the records in it, not for its messages.
	 */
	if (got > 0)
		crash_if_told(
		    count <= MESSAGE_SIZE ? "crash-read-" : "crash-scan-",
		    bytes, (size_t)got);
	return got;
}

ssize_t
write(int fd, const void *bytes, size_t count)
{
	struct stat status;

	/* Not to its log. */
	if (fstat(fd, &status) == 0 && S_ISSOCK(status.st_mode))
		crash_if_told("crash-send-", bytes, count);
	return ((write_function *)(uintptr_t)real("write"))(fd, bytes, count);
}

ssize_t
sendmsg(int fd, const struct msghdr *message, int flags)
{
	for (size_t i = 0; i < (size_t)message->msg_iovlen; i++)
		crash_if_told("crash-send-", message->msg_iov[i].iov_base,
		    message->msg_iov[i].iov_len);
	return ((sendmsg_function *)(uintptr_t)real("sendmsg"))(
	    fd, message, flags);
}

int
clock_gettime(clockid_t clock, struct timespec *now)
{
	int result =
	    ((clock_function *)(uintptr_t)real("clock_gettime"))(clock, now);
	char text[TEXT_SIZE];

	if (clock == CLOCK_REALTIME && read_order("", "clock", text) > 0)
		now->tv_sec += strtoll(text, NULL, 10);
	return result;
}
