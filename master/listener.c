/* SPDX-License-Identifier: MIT */
#include "master/listener.h"

#include <sys/stat.h>

#include <fcntl.h>
#include <netdb.h>
#include <unistd.h>

#include "lib/base/io.h"
#include "lib/net/listen.h"
#include "lib/param/port.h"
#include "lib/param/word_list.h"

enum {
	MODE_ADMINISTRATORS = 0600
};

/* Where inet listeners are being added to, and what may be. */
struct work {
	struct listener_list *list;
	struct pool *pool;
	uint16_t port;
	bool ipv4;
	bool ipv6;
};

struct listener *
listener_add(struct listener_list *list, struct pool *pool, const char *name)
{
	struct listener *added;

	if (list->count == list->size) {
		size_t size = list->size == 0 ? 4 : list->size * 2;
		struct listener *larger =
		    pool_alloc(pool, size * sizeof *larger);

		must(larger != NULL);
		if (list->count > 0)
			memcpy(larger, list->at, list->count * sizeof *larger);
		list->at = larger;
		list->size = size;
	}
	added = &list->at[list->count++];
	*added = (struct listener){.name = name,
	    .mode = MODE_ADMINISTRATORS,
	    .owner = geteuid(),
	    .fd = -1};
	return added;
}

bool
listener_add_local(struct listener_list *list, struct pool *pool,
    const char *name, const char *path, struct error *error)
{
	struct listener *added = listener_add(list, pool, name);

	return address_local(span_text(path), &added->address, error);
}

static bool
is_same_address(const struct listener *a, const struct listener *b)
{
	if (a->address.any.sa_family != b->address.any.sa_family)
		return false;
	if (a->address.any.sa_family == AF_UNIX)
		return strcmp(a->address.local.sun_path,
			   b->address.local.sun_path) == 0;
	return address_same_ip(&a->address, &b->address) &&
	    address_port(&a->address) == address_port(&b->address);
}

static void
add_address(const struct work *work, const struct address *address)
{
	struct listener *added;
	bool is_wanted =
	    address->any.sa_family == AF_INET6 ? work->ipv6 : work->ipv4;

	if (!is_wanted)
		return;
	added = listener_add(work->list, work->pool, "public");
	added->address = *address;
	address_set_port(&added->address, work->port);
	/* "localhost" and "127.0.0.1" may both be named. */
	for (size_t i = 0; i + 1 < work->list->count; i++)
		if (is_same_address(&work->list->at[i], added)) {
			work->list->count--;
			return;
		}
}

static void
add_ip(const struct work *work, const char *text)
{
	struct address address;

	must(address_parse_ip(span_text(text), work->port, &address));
	add_address(work, &address);
}

static bool
add_named_host(const struct work *work, struct span name, struct error *error)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
	struct addrinfo *found;
	const char *host = pool_copy(work->pool, name);
	int failure;

	must(host != NULL);
	failure = getaddrinfo(host, NULL, &hints, &found);
	if (failure != 0)
		return error_set(error, ERROR_INVALID, "host %s: %s", host,
		    gai_strerror(failure));
	for (const struct addrinfo *at = found; at != NULL; at = at->ai_next) {
		struct address address = {.len = at->ai_addrlen};

		must(at->ai_addrlen <= sizeof address.in6);
		memcpy(&address, at->ai_addr, at->ai_addrlen);
		add_address(work, &address);
	}
	freeaddrinfo(found);
	return true;
}

static bool
add_host(const struct work *work, struct span host, struct error *error)
{
	struct address address;

	if (host.len > 2 && host.at[0] == '[')
		host = span_of(host.at + 1, host.len - 2);
	if (!address_parse_ip(host, work->port, &address))
		return add_named_host(work, host, error);
	add_address(work, &address);
	return true;
}

static bool
add_interface(const struct work *work, struct span word, struct error *error)
{
	if (span_equal_fold(word, SPAN("all"))) {
		add_ip(work, "0.0.0.0");
		add_ip(work, "::");
		return true;
	}
	if (span_equal_fold(word, SPAN("loopback-only"))) {
		add_ip(work, "127.0.0.1");
		add_ip(work, "::1");
		return true;
	}
	return add_host(work, word, error);
}

static bool
find_port(struct span service, struct pool *pool, uint16_t *port)
{
	const struct servent *entry;
	const char *name;

	if (port_parse(service, port))
		return true;
	name = pool_copy(pool, service);
	must(name != NULL);
	entry = getservbyname(name, "tcp");
	if (entry != NULL)
		*port = ntohs((uint16_t)entry->s_port);
	return entry != NULL;
}

bool
listener_add_inet(struct listener_list *list, struct pool *pool,
    const struct listener_inet *inet, struct error *error)
{
	bool any = word_list_has(inet->protocols, SPAN("all"));
	struct work work = {.list = list,
	    .pool = pool,
	    .ipv4 = any || word_list_has(inet->protocols, SPAN("ipv4")),
	    .ipv6 = any || word_list_has(inet->protocols, SPAN("ipv6"))};
	struct span rest = inet->interfaces;
	struct span host;
	struct span service;
	struct span word;

	if (!port_split(inet->name, &host, &service) ||
	    !find_port(service, pool, &work.port))
		return error_set(error, ERROR_INVALID,
		    "expected port or host:port, found \"%.*s\"",
		    SPAN_ARGS(inet->name));
	if (host.len > 0)
		return add_host(&work, host, error);
	while (word_list_next(&rest, &word))
		if (!add_interface(&work, word, error))
			return error_prefix(error, "inet_interfaces");
	return true;
}

struct listener *
listener_find_same(
    const struct listener_list *list, const struct listener *listener)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->at[i].fd >= 0 &&
		    is_same_address(listener, &list->at[i]))
			return &list->at[i];
	return NULL;
}

bool
listener_open(
    struct listener *listener, const struct listener *same, struct error *error)
{
	const char *path = listener->address.local.sun_path;

	if (same != NULL) {
		listener->fd = fcntl(same->fd, F_DUPFD_CLOEXEC, 0);
		return listener->fd >= 0 || error_system(error, "dup");
	}
	listener->fd =
	    listen_open(&listener->address, SOMAXCONN, listener->mode, error);
	if (listener->fd < 0)
		return false;
	if (listener->address.any.sa_family == AF_UNIX &&
	    listener->owner != geteuid() &&
	    lchown(path, listener->owner, (gid_t)-1) < 0)
		return error_system(error, "change the owner of %s", path);
	return true;
}

void
listener_close_all(struct listener_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		io_close(&list->at[i].fd);
}
