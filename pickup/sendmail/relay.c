/* SPDX-License-Identifier: MIT */
#include "pickup/sendmail/relay.h"

#include <sys/socket.h>

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <unistd.h>

enum {
	RELAY_SIZE = 1024
};

_Static_assert(RELAY_SIZE <= PIPE_BUF,
    "a pipe that polls as writable takes so much without blocking");

/* One direction. */
struct relay {
	int from;
	int to;
	size_t start;
	size_t end;
	bool has_ended;
	char bytes[RELAY_SIZE];
};

static bool
is_empty(const struct relay *relay)
{
	return relay->start == relay->end;
}

static bool
may_retry(void)
{
	return errno == EINTR || errno == EAGAIN;
}

static bool
fill(struct relay *relay, struct error *error)
{
	ssize_t got = read(relay->from, relay->bytes, sizeof relay->bytes);

	if (got < 0)
		return may_retry() || error_system(error, "read");
	relay->start = 0;
	relay->end = (size_t)got;
	relay->has_ended = got == 0;
	return true;
}

static bool
drain(struct relay *relay, struct error *error)
{
	ssize_t put = write(
	    relay->to, relay->bytes + relay->start, relay->end - relay->start);

	if (put < 0)
		return may_retry() || error_system(error, "write");
	relay->start += (size_t)put;
	return true;
}

/* Waits until one of the two can go on, and lets it. */
static bool
step(struct relay *in, struct relay *out, struct error *error)
{
	struct relay *both[2] = {in, out};
	struct pollfd polled[2];

	for (int i = 0; i < 2; i++) {
		struct relay *relay = both[i];
		bool empty = is_empty(relay);

		polled[i].fd = empty ? relay->from : relay->to;
		polled[i].events = empty ? POLLIN : POLLOUT;
		polled[i].revents = 0;
		if (empty && relay->has_ended)
			polled[i].fd = -1;
	}
	if (poll(polled, 2, -1) < 0)
		return errno == EINTR || error_system(error, "poll");
	for (int i = 0; i < 2; i++)
		if (polled[i].revents != 0 &&
		    !(is_empty(both[i]) ? fill(both[i], error)
					: drain(both[i], error)))
			return false;
	return true;
}

bool
relay_run(int fd, struct error *error)
{
	struct relay in = {.from = STDIN_FILENO, .to = fd};
	struct relay out = {.from = fd, .to = STDOUT_FILENO};
	bool told = false;

	while (!out.has_ended) {
		if (!step(&in, &out, error))
			return false;
		if (in.has_ended && is_empty(&in) && !told) {
			(void)shutdown(fd, SHUT_WR);
			told = true;
		}
	}
	return true;
}
