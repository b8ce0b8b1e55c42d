/* SPDX-License-Identifier: MIT */
#include <sys/socket.h>

#include <unistd.h>

#include "lib/loop/coroutine.h"
#include "lib/net/dns_answer.h"
#include "lib/net/dns_query.h"
#include "lib/net/listen.h"
#include "lib/net/stream.h"

#include "../../unit.h"

/* What the fake name server does with a query over UDP. */
enum behaviour {
	ANSWER,
	ANSWER_AFTER_FORGERIES,
	CUT,           /* the TC bit: ask over TCP */
	SEND_TOO_MUCH, /* more than the query offered to take */
	SEND_GARBAGE,  /* with the right id */
	SAY_NOTHING,
	CUT_THEN_FORGE, /* over TCP, another question */
	CUT_THEN_CLOSE
};

struct server {
	enum behaviour behaviour;
	struct loop_fd datagrams;
	struct loop_fd listener;
	struct address address;
	unsigned queries;
};

/* One A record for the question of `query`, without its OPT record. */
static size_t
make_response(char *bytes, struct span query)
{
	static const char record[] = "\xc0\x0c\0\1\0\1\0\0\0\74\0\4\xc0\0\2\1";
	size_t len = query.len - 11;

	memcpy(bytes, query.at, len);
	memcpy(bytes + 2, "\x81\x80\0\1\0\1\0\0\0\0", 10);
	memcpy(bytes + len, record, sizeof record - 1);
	return len + sizeof record - 1;
}

static void
reply(struct server *server, const char *bytes, size_t len,
    const struct address *client)
{
	assert_int_equal(sendto(server->datagrams.fd, bytes, len, 0,
			     &client->any, client->len),
	    len);
}

static void
send_forgeries(struct server *server, const char *good, size_t len,
    const struct address *client)
{
	char bad[1500];

	memcpy(bad, good, len);
	bad[0] ^= 1; /* the id */
	reply(server, bad, len, client);
	bad[0] ^= 1;
	bad[13] ^= 1; /* the name */
	reply(server, bad, len, client);
	reply(server, bad, 0, client);
	reply(server, bad, 1, client);
}

static void
serve_datagram(
    struct server *server, struct span query, const struct address *client)
{
	char bytes[1500] = {0};
	size_t len = make_response(bytes, query);

	switch (server->behaviour) {
	case SAY_NOTHING:
		return;
	case ANSWER_AFTER_FORGERIES:
		send_forgeries(server, bytes, len, client);
		break;
	case SEND_TOO_MUCH:
		len = sizeof bytes;
		break;
	case SEND_GARBAGE:
		len = 11;
		break;
	case CUT:
	case CUT_THEN_FORGE:
	case CUT_THEN_CLOSE:
		bytes[2] |= 2;
		break;
	case ANSWER:
		break;
	}
	reply(server, bytes, len, client);
}

static void
on_datagram(struct loop_fd *loop_fd)
{
	struct server *server = loop_fd->owner;
	struct address client = {.len = sizeof client.local};
	char query[512];
	ssize_t got;

	while ((got = recvfrom(loop_fd->fd, query, sizeof query, 0, &client.any,
		    &client.len)) > 0) {
		server->queries++;
		serve_datagram(server, span_of(query, (size_t)got), &client);
	}
}

/* In pieces of one byte, as a peer may send them. */
static void
send_bytewise(struct stream *stream, const char *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		assert_true(stream_write(
		    stream, span_of(bytes + i, 1), loop_deadline(5), NULL));
		assert_true(stream_flush(stream, loop_deadline(5), NULL));
		loop_sleep_until(loop_now());
	}
}

static void
serve_stream(void *argument)
{
	struct server *server = argument;
	struct stream stream;
	char query[512];
	char bytes[600];
	uint8_t length[2];
	size_t len;

	stream_init(&stream, listen_accept(server->listener.fd, NULL));
	assert_true(stream_read(
	    &stream, length, sizeof length, loop_deadline(5), NULL));
	len = (size_t)length[0] << 8 | length[1];
	assert_true(len <= sizeof query);
	assert_true(stream_read(&stream, query, len, loop_deadline(5), NULL));
	len = make_response(bytes + 2, span_of(query, len));
	bytes[0] = 0;
	bytes[1] = (char)len;
	if (server->behaviour == CUT_THEN_FORGE)
		bytes[15] ^= 1;
	if (server->behaviour == CUT_THEN_CLOSE)
		len = 3;
	send_bytewise(&stream, bytes, len + 2);
	stream_close(&stream);
}

static void
on_connection(struct loop_fd *loop_fd)
{
	struct server *server = loop_fd->owner;

	/* Level-triggered: until the coroutine has accepted, it is told again
	 * in each turn. It begins in this one. */
	loop_spawn(serve_stream, server);
}

static void
server_open(struct server *server, enum behaviour behaviour)
{
	struct address any;
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int listener;

	*server = (struct server){.behaviour = behaviour};
	assert_true(address_parse_ip(SPAN("127.0.0.1"), 0, &any));
	listener = listen_open(&any, 5, 0, NULL);
	assert_true(listener >= 0 && fd >= 0);
	server->address = address_of_socket(listener);
	assert_int_equal(
	    bind(fd, &server->address.any, server->address.len), 0);
	loop_add(&server->datagrams, fd, on_datagram, server);
	loop_add_listener(&server->listener, listener, on_connection, server);
}

static void
server_close(struct server *server)
{
	int datagrams = server->datagrams.fd;
	int listener = server->listener.fd;

	loop_remove(&server->datagrams);
	loop_remove(&server->listener);
	close(datagrams);
	close(listener);
}

struct client {
	struct server *server;
	enum dns_exchange result;
	struct error error;
	struct dns_response response;
	struct pool *pool;
};

static void
ask(void *argument)
{
	struct client *client = argument;
	struct dns_question question = {
	    .name = SPAN("example.org"), .type = DNS_A};

	client->result = dns_query(&client->server->address, &question,
	    loop_now() + 200, client->pool, &client->response, &client->error);
	loop_stop();
}

static void
asks_server(void **state UNUSED)
{
	static const struct {
		enum behaviour behaviour;
		enum dns_exchange want;
		enum error_kind kind;
	} cases[] = {
	    {ANSWER, DNS_ANSWERED, ERROR_NONE},
	    {ANSWER_AFTER_FORGERIES, DNS_ANSWERED, ERROR_NONE},
	    {CUT, DNS_ANSWERED, ERROR_NONE},
	    {SEND_TOO_MUCH, DNS_ANSWERED, ERROR_NONE},
	    {SEND_GARBAGE, DNS_FAILED, ERROR_INVALID},
	    {SAY_NOTHING, DNS_TIMED_OUT, ERROR_TIMEOUT},
	    {CUT_THEN_FORGE, DNS_FAILED, ERROR_INVALID},
	    {CUT_THEN_CLOSE, DNS_FAILED, ERROR_CLOSED},
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct server server;
		struct client client = {.server = &server};

		client.pool = pool_create(NULL, "test", 65536);
		server_open(&server, cases[i].behaviour);
		loop_spawn(ask, &client);
		loop_run();
		if (client.result != cases[i].want)
			fail_msg("case %zu: %d %s", i, (int)client.result,
			    client.error.text);
		assert_int_equal(server.queries, 1);
		if (client.result == DNS_ANSWERED) {
			assert_non_null(client.response.records);
			assert_int_equal(client.response.records->type, DNS_A);
		} else {
			assert_int_equal(client.error.kind, cases[i].kind);
		}
		server_close(&server);
		pool_destroy(client.pool);
	}
}

static void
hears_of_closed_port(void **state UNUSED)
{
	struct server server;
	struct client client = {.server = &server};

	client.pool = pool_create(NULL, "test", 65536);
	server_open(&server, ANSWER);
	server_close(&server);
	/* Outside a coroutine. */
	ask(&client);
	loop_run();
	assert_int_equal(client.result, DNS_FAILED);
	assert_int_equal(client.error.kind, ERROR_SYSTEM);
	pool_destroy(client.pool);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(asks_server),
	    cmocka_unit_test(hears_of_closed_port),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
