/* SPDX-License-Identifier: MIT */
#include "lib/table/server_link.h"

#include <sys/socket.h>

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/net/address.h"

enum {
	READ_SIZE = 4096
};

static bool
split_host_port(struct span text, struct span *host, struct span *port)
{
	size_t colon = span_find_last(text, ':');

	*host = span_head(text, colon);
	*port = span_skip(text, colon + 1);
	if (host->len > 2 && host->at[0] == '[' && span_ends(*host, SPAN("]")))
		*host = span_of(host->at + 1, host->len - 2);
	return colon < text.len && host->len > 0 && port->len > 0;
}

bool
server_link_init(
    struct server_link *link, struct span endpoint, struct error *error)
{
	const struct span local = SPAN("unix:");
	const struct span inet = SPAN("inet:");
	struct span host;
	struct span port;

	*link = (struct server_link){.fd = -1};
	if (span_starts(endpoint, local) && endpoint.len > local.len) {
		struct address address;

		endpoint = span_skip(endpoint, local.len);
		if (!address_local(endpoint, &address, error))
			return false;
		link->port = memory_copy(endpoint);
		return true;
	}
	if (span_starts(endpoint, inet))
		endpoint = span_skip(endpoint, inet.len);
	if (!split_host_port(endpoint, &host, &port))
		return error_set(error, ERROR_INVALID,
		    "\"%.*s\": expected inet:host:port or unix:path",
		    SPAN_ARGS(span_head(endpoint, 100)));
	link->host = memory_copy(host);
	link->port = memory_copy(port);
	return true;
}

void
server_link_close(struct server_link *link)
{
	io_close(&link->fd);
}

void
server_link_finish(struct server_link *link)
{
	server_link_close(link);
	free(link->host);
	free(link->port);
	*link = (struct server_link){.fd = -1};
}

/* For `events`; false: the deadline has passed, or an error. */
static bool
wait_for(int fd, short events, int64_t deadline, struct error *error)
{
	for (;;) {
		struct pollfd poller = {.fd = fd, .events = events};
		int64_t left = deadline - clock_monotonic();
		int ready;

		if (left <= 0)
			return error_set(error, ERROR_TIMEOUT,
			    "the server did not answer in time");
		ready = poll(&poller, 1, left > INT32_MAX ? -1 : (int)left);
		if (ready > 0)
			return true;
		if (ready < 0 && errno != EINTR)
			return error_system(error, "poll");
	}
}

static bool
connect_address(struct server_link *link, const struct sockaddr *address,
    socklen_t len, int64_t deadline, struct error *error)
{
	int failure = 0;
	socklen_t size = sizeof failure;

	link->fd = socket(
	    address->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (link->fd < 0)
		return error_system(error, "socket");
	if (connect(link->fd, address, len) == 0)
		return true;
	if (errno == EINPROGRESS || errno == EINTR) {
		if (wait_for(link->fd, POLLOUT, deadline, error) &&
		    getsockopt(
			link->fd, SOL_SOCKET, SO_ERROR, &failure, &size) == 0 &&
		    failure == 0)
			return true;
		errno = failure;
	}
	if (error == NULL || error->kind != ERROR_TIMEOUT)
		error_system(error, "connect to %s:%s",
		    link->host != NULL ? link->host : "unix", link->port);
	server_link_close(link);
	return false;
}

static bool
connect_inet(struct server_link *link, int64_t deadline, struct error *error)
{
	const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
	struct addrinfo *first;
	int number = getaddrinfo(link->host, link->port, &hints, &first);
	bool connected = false;

	if (number != 0)
		return error_set(error, ERROR_TEMPORARY, "%s: %s", link->host,
		    gai_strerror(number));
	error_set(error, ERROR_TEMPORARY, "%s has no address", link->host);
	for (const struct addrinfo *at = first; at != NULL && !connected;
	     at = at->ai_next)
		connected = connect_address(
		    link, at->ai_addr, at->ai_addrlen, deadline, error);
	freeaddrinfo(first);
	return connected;
}

static bool
connect_local(struct server_link *link, int64_t deadline, struct error *error)
{
	struct address address;

	return address_local(span_text(link->port), &address, error) &&
	    connect_address(link, &address.any, address.len, deadline, error);
}

/* Closed by the server, or with an answer that nobody asked for. */
static bool
is_spoilt(const struct server_link *link)
{
	struct pollfd poller = {.fd = link->fd, .events = POLLIN};

	return poll(&poller, 1, 0) != 0;
}

bool
server_link_connect(struct server_link *link, int64_t deadline, bool *fresh,
    struct error *error)
{
	if (link->fd >= 0 && is_spoilt(link))
		server_link_close(link);
	*fresh = link->fd < 0;
	if (!*fresh)
		return true;
	if (link->host != NULL)
		return connect_inet(link, deadline, error);
	return connect_local(link, deadline, error);
}

bool
server_link_write(struct server_link *link, struct span bytes, int64_t deadline,
    struct error *error)
{
	while (bytes.len > 0) {
		ssize_t len = send(link->fd, bytes.at, bytes.len, MSG_NOSIGNAL);

		if (len >= 0)
			bytes = span_skip(bytes, (size_t)len);
		else if (errno == EAGAIN || errno == EINTR) {
			if (!wait_for(link->fd, POLLOUT, deadline, error))
				return false;
		} else {
			return error_system(error, "write to the server");
		}
	}
	return true;
}

bool
server_link_read(struct server_link *link, struct buf *into, int64_t deadline,
    struct error *error)
{
	size_t room = into->maximum - into->len;
	char *at;
	ssize_t len;

	if (room == 0)
		return error_set(error, ERROR_LIMIT,
		    "the server's answer is longer than %zu bytes",
		    into->maximum);
	if (room > READ_SIZE)
		room = READ_SIZE;
	at = buf_reserve(into, room);
	must(at != NULL);
	for (;;) {
		if (!wait_for(link->fd, POLLIN, deadline, error))
			return false;
		len = recv(link->fd, at, room, 0);
		if (len > 0)
			break;
		if (len == 0)
			return error_set(error, ERROR_CLOSED,
			    "the server closed the connection");
		if (errno != EAGAIN && errno != EINTR)
			return error_system(error, "read from the server");
	}
	buf_grew(into, (size_t)len);
	return true;
}
