/* SPDX-License-Identifier: MIT */
#include "lib/net/listen.h"

#include <sys/stat.h>

#include <errno.h>
#include <netinet/tcp.h>
#include <unistd.h>

#include "lib/base/io.h"

/* Between two tries to connect to a UNIX socket whose backlog is full: nothing
 * tells when there is room. */
enum {
	BACKLOG_PAUSE = 10
};

static int
socket_open(const struct address *address)
{
	return socket(address->any.sa_family,
	    SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

/* These options speed up or tidy; a kernel without one does without. */
static void
option_on(int fd, int level, int option)
{
	int on = 1;

	(void)setsockopt(fd, level, option, &on, sizeof on);
}

/* Whether somebody accepts at a UNIX socket's path. */
static bool
is_answered(const struct address *address)
{
	int fd = socket_open(address);
	bool answered;

	/* A full backlog (EAGAIN) has somebody behind it too. */
	answered = fd >= 0 &&
	    (connect(fd, &address->any, address->len) == 0 ||
		errno != ECONNREFUSED);
	io_close(&fd);
	return answered;
}

/* Makes the path free for bind(2). */
static bool
remove_stale(const struct address *address, struct error *error)
{
	const char *path = address->local.sun_path;
	struct stat status;

	if (lstat(path, &status) < 0)
		return errno == ENOENT || error_system(error, "%s", path);
	if (!S_ISSOCK(status.st_mode))
		return error_set(error, ERROR_INVALID,
		    "%s exists and is not a socket", path);
	if (is_answered(address))
		return error_set(error, ERROR_TEMPORARY,
		    "%s is in use by another process", path);
	return unlink(path) == 0 || errno == ENOENT ||
	    error_system(error, "unlink %s", path);
}

static bool
bind_local(
    int fd, const struct address *address, mode_t mode, struct error *error)
{
	const char *path = address->local.sun_path;

	/* The new name takes the mode from the socket, less the umask: at no
	 * time is it more open than `mode`, nor closed to its owner, who after
	 * a crash has to see that nobody listens. */
	if (fchmod(fd, mode) < 0 || bind(fd, &address->any, address->len) < 0)
		return error_system(error, "bind %s", path);
	return chmod(path, mode) == 0 || error_system(error, "chmod %s", path);
}

static bool
bind_ip(int fd, const struct address *address, struct error *error)
{
	char text[ADDRESS_TEXT_SIZE];

	option_on(fd, SOL_SOCKET, SO_REUSEADDR);
	/* Inherited by what is accepted. */
	option_on(fd, IPPROTO_TCP, TCP_NODELAY);
	if (address->any.sa_family == AF_INET6)
		option_on(fd, IPPROTO_IPV6, IPV6_V6ONLY);
	return bind(fd, &address->any, address->len) == 0 ||
	    error_system(error, "bind %s port %u",
		address_format_ip(address, text), address_port(address));
}

int
listen_open(const struct address *address, int backlog, mode_t mode,
    struct error *error)
{
	bool local = address->any.sa_family == AF_UNIX;
	int fd;

	if (local && !remove_stale(address, error))
		return -1;
	fd = socket_open(address);
	if (fd < 0) {
		error_system(error, "socket");
		return -1;
	}
	if (local ? !bind_local(fd, address, mode, error)
		  : !bind_ip(fd, address, error)) {
		io_close(&fd);
	} else if (listen(fd, backlog) < 0) {
		error_system(error, "listen");
		io_close(&fd);
	}
	return fd;
}

int
listen_accept(int listener, struct address *peer)
{
	struct address address;
	int fd;

	do {
		address = (struct address){.len = sizeof address.local};
		fd = accept4(listener, &address.any, &address.len,
		    SOCK_CLOEXEC | SOCK_NONBLOCK);
	} while (fd < 0 && errno == EINTR);
	if (fd >= 0 && peer != NULL)
		*peer = address_from_kernel(&address);
	return fd;
}

static bool
bind_source(int fd, const struct address *source, struct error *error)
{
	char text[ADDRESS_TEXT_SIZE];

	if (source == NULL)
		return true;
	/* The port is chosen at connect, with the destination in view. */
	if (address_port(source) == 0)
		option_on(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT);
	return bind(fd, &source->any, source->len) == 0 ||
	    error_system(error, "bind %s", address_format_ip(source, text));
}

/* connect(2) until it says that the connection exists. */
static bool
connect_wait(struct loop_fd *loop_fd, const struct address *address,
    int64_t deadline, struct error *error)
{
	for (;;) {
		if (connect(loop_fd->fd, &address->any, address->len) == 0 ||
		    errno == EISCONN)
			return true;
		if (errno == EINTR)
			continue;
		if (errno == EAGAIN) {
			if (loop_now() >= deadline)
				break;
			loop_sleep_until(loop_now() + BACKLOG_PAUSE);
			continue;
		}
		if (errno != EINPROGRESS && errno != EALREADY)
			return error_system(error, "connect");
		if (loop_fd->index == 0)
			loop_add(loop_fd, loop_fd->fd, NULL, NULL);
		if (!loop_wait(loop_fd, WAIT_WRITE, deadline))
			break;
	}
	return error_set(
	    error, ERROR_TIMEOUT, "connect: %s", strerror(ETIMEDOUT));
}

int
connect_open(const struct address *address, const struct address *source,
    int64_t deadline, struct error *error)
{
	struct loop_fd loop_fd = {0};
	int fd = socket_open(address);
	bool connected;

	if (fd < 0) {
		error_system(error, "socket");
		return -1;
	}
	if (address->any.sa_family != AF_UNIX)
		option_on(fd, IPPROTO_TCP, TCP_NODELAY);
	loop_fd.fd = fd;
	connected = bind_source(fd, source, error) &&
	    connect_wait(&loop_fd, address, deadline, error);
	loop_remove(&loop_fd);
	if (!connected)
		io_close(&fd);
	return fd;
}
