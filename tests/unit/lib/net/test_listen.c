/* SPDX-License-Identifier: MIT */
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "lib/loop/coroutine.h"
#include "lib/net/listen.h"

#include "../../unit.h"

static char directory[] = "/tmp/postern-listen-XXXXXX";
static char path[64];

static int
make_directory(void **state UNUSED)
{
	if (mkdtemp(directory) == NULL)
		return -1;
	(void)snprintf(path, sizeof path, "%s/socket", directory);
	return 0;
}

static int
remove_directory(void **state UNUSED)
{
	(void)unlink(path);
	return rmdir(directory);
}

static struct address
local_address(void)
{
	struct address address;

	assert_true(address_local(span_text(path), &address, NULL));
	return address;
}

static struct address
loopback(const char *text)
{
	struct address address;

	assert_true(address_parse_ip(span_text(text), 0, &address));
	return address;
}

static void
assert_flags(int fd)
{
	assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
	assert_int_equal(fcntl(fd, F_GETFL) & O_NONBLOCK, O_NONBLOCK);
}

static void
connects_over(const struct address *at, const struct address *source)
{
	struct error error;
	struct address peer;
	struct address own;
	struct address target;
	int listener = listen_open(at, 10, 0600, &error);
	int client;
	int server;

	if (listener < 0)
		fail_msg("%s", error.text);
	assert_flags(listener);
	target = address_of_socket(listener);
	assert_int_equal(listen_accept(listener, &peer), -1);
	assert_int_equal(errno, EAGAIN);
	client = connect_open(&target, source, loop_deadline(5), &error);
	assert_true(client >= 0);
	assert_flags(client);
	server = listen_accept(listener, &peer);
	assert_true(server >= 0);
	assert_flags(server);
	own = address_of_socket(client);
	if (address_is_ip(at)) {
		assert_true(address_same_ip(&peer, &own));
		assert_int_equal(address_port(&peer), address_port(&own));
		assert_true(source == NULL || address_same_ip(&peer, source));
	}
	close(client);
	close(server);
	close(listener);
}

static void
connects_ip4(void **state UNUSED)
{
	struct address at = loopback("127.0.0.1");
	struct address source = loopback("127.0.0.2");

	connects_over(&at, NULL);
	connects_over(&at, &source);
}

static void
connects_ip6(void **state UNUSED)
{
	struct address at = loopback("::1");
	int fd = socket(AF_INET6, SOCK_STREAM, 0);

	if (fd < 0 || bind(fd, &at.any, at.len) < 0)
		skip();
	close(fd);
	connects_over(&at, NULL);
}

static void
connects_local(void **state UNUSED)
{
	struct address at = local_address();
	struct stat status;

	connects_over(&at, NULL);
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0600);
	/* The name is still there, and nobody answers. */
	connects_over(&at, NULL);
}

static void
spares_what_is_in_use(void **state UNUSED)
{
	struct address at = local_address();
	struct error error;
	int fd;
	int listener;

	(void)unlink(path);
	fd = open(path, O_CREAT | O_WRONLY, 0600);
	assert_int_equal(listen_open(&at, 10, 0600, &error), -1);
	assert_int_equal(error.kind, ERROR_INVALID);
	assert_int_equal(access(path, F_OK), 0);
	close(fd);
	assert_int_equal(unlink(path), 0);

	listener = listen_open(&at, 0, 0600, &error);
	assert_true(listener >= 0);
	assert_int_equal(listen_open(&at, 10, 0600, &error), -1);
	assert_int_equal(error.kind, ERROR_TEMPORARY);
	close(listener);
}

static void
refused(void **state UNUSED)
{
	struct address at = loopback("127.0.0.1");
	struct error error;
	int listener = listen_open(&at, 10, 0, &error);
	struct address target;

	assert_true(listener >= 0);
	target = address_of_socket(listener);
	assert_int_equal(listen_open(&target, 10, 0, &error), -1);
	assert_int_equal(error.saved_errno, EADDRINUSE);
	close(listener);
	assert_int_equal(
	    connect_open(&target, NULL, loop_deadline(5), &error), -1);
	assert_int_equal(error.kind, ERROR_SYSTEM);
	assert_int_equal(error.saved_errno, ECONNREFUSED);
}

static void
full_backlog(void *argument UNUSED)
{
	struct address at = local_address();
	struct error error;
	int clients[4];
	int count = 0;
	int listener = listen_open(&at, 1, 0600, &error);

	assert_true(listener >= 0);
	while (count < 4) {
		clients[count] =
		    connect_open(&at, NULL, loop_now() + 30, &error);
		if (clients[count] < 0)
			break;
		count++;
	}
	assert_int_equal(count, 2);
	assert_int_equal(error.kind, ERROR_TIMEOUT);
	while (count > 0)
		close(clients[--count]);
	close(listener);
	loop_stop();
}

static void
waits_for_backlog(void **state UNUSED)
{
	loop_spawn(full_backlog, NULL);
	loop_run();
	assert_int_equal(coroutine_count(), 0);
	full_backlog(NULL);
	loop_run();
}

static void
connect_in_coroutine(void *argument UNUSED)
{
	struct address at = loopback("127.0.0.1");

	connects_over(&at, NULL);
	refused(NULL);
	loop_stop();
}

static void
works_in_coroutine(void **state UNUSED)
{
	loop_spawn(connect_in_coroutine, NULL);
	loop_run();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(connects_ip4),
	    cmocka_unit_test(connects_ip6),
	    cmocka_unit_test(connects_local),
	    cmocka_unit_test(spares_what_is_in_use),
	    cmocka_unit_test(refused),
	    cmocka_unit_test(waits_for_backlog),
	    cmocka_unit_test(works_in_coroutine),
	};

	return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
