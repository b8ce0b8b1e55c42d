/* SPDX-License-Identifier: MIT */
#include "lib/net/dns_query.h"

#include <errno.h>

#include "lib/base/io.h"
#include "lib/base/random.h"
#include "lib/net/listen.h"
#include "lib/net/stream.h"

/* A query is never longer: header, name, type, class, OPT record. */
enum {
	QUERY_MAXIMUM = 512
};

/* One query in progress. */
struct exchange {
	const struct address *server;
	const struct dns_question *question;
	int64_t deadline;
	struct pool *pool;
	struct dns_response *response;
	struct error *error;
	uint16_t id;
	struct buf query;
};

static enum dns_exchange
failed_system(struct exchange *exchange, const char *what)
{
	error_system(exchange->error, "%s", what);
	return DNS_FAILED;
}

/* As the error of a stream or connect says. */
static enum dns_exchange
failed_or_late(const struct error *error, struct error *out)
{
	if (out != NULL)
		*out = *error;
	return error->kind == ERROR_TIMEOUT ? DNS_TIMED_OUT : DNS_FAILED;
}

/* Reads a message; *fits tells whether it belongs to our query. Of one with
 * another id nothing is read. */
static enum dns_exchange
read_message(struct exchange *exchange, struct span message, bool *fits)
{
	struct dns_response *response = exchange->response;

	*fits = message.len >= 2 &&
	    (uint8_t)message.at[0] == exchange->id >> 8 &&
	    (uint8_t)message.at[1] == (exchange->id & 0xff);
	if (!*fits)
		return DNS_ANSWERED;
	if (!dns_message_read(
		message, exchange->pool, response, exchange->error))
		return DNS_FAILED;
	*fits = dns_message_answers(response, exchange->id, exchange->question);
	return DNS_ANSWERED;
}

static enum dns_exchange
receive_datagram(struct exchange *exchange, struct loop_fd *loop_fd)
{
	char bytes[DNS_UDP_SIZE + 1];

	for (;;) {
		ssize_t got = recv(loop_fd->fd, bytes, sizeof bytes, 0);
		bool fits = false;
		enum dns_exchange result = DNS_ANSWERED;

		/* What our buffer cut is marked like what the server cut. */
		if (got > DNS_UDP_SIZE)
			bytes[2] |= 0x02;
		if (got >= 0)
			result = read_message(
			    exchange, span_of(bytes, (size_t)got), &fits);
		else if (errno != EAGAIN && errno != EINTR)
			return failed_system(exchange, "receive");
		if (fits || result != DNS_ANSWERED)
			return result;
		if (got < 0 && errno == EAGAIN &&
		    !loop_wait(loop_fd, WAIT_READ, exchange->deadline))
			return DNS_TIMED_OUT;
	}
}

static enum dns_exchange
exchange_datagrams(struct exchange *exchange)
{
	const struct address *server = exchange->server;
	struct span query = buf_span(&exchange->query);
	struct loop_fd loop_fd;
	enum dns_exchange result;
	int fd = socket(server->any.sa_family,
	    SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return failed_system(exchange, "socket");
	loop_add(&loop_fd, fd, NULL, NULL);
	/* Connected, it takes datagrams from the server only and hears of a
	 * port that is closed. */
	if (connect(fd, &server->any, server->len) < 0)
		result = failed_system(exchange, "connect");
	else if (send(fd, query.at, query.len, 0) < 0)
		result = failed_system(exchange, "send");
	else
		result = receive_datagram(exchange, &loop_fd);
	loop_remove(&loop_fd);
	io_close(&fd);
	return result;
}

/* A message on a stream stands behind its length. */
static bool
send_over_stream(
    struct exchange *exchange, struct stream *stream, struct error *error)
{
	struct span query = buf_span(&exchange->query);
	char length[2] = {
	    (char)(query.len >> 8 & 0xff), (char)(query.len & 0xff)};

	return stream_write(stream, span_of(length, sizeof length),
		   exchange->deadline, error) &&
	    stream_write(stream, query, exchange->deadline, error) &&
	    stream_flush(stream, exchange->deadline, error);
}

static bool
receive_over_stream(struct exchange *exchange, struct stream *stream,
    struct buf *message, struct error *error)
{
	uint8_t length[2];
	char *bytes;
	size_t count;

	if (!stream_read(
		stream, length, sizeof length, exchange->deadline, error))
		return false;
	count = (size_t)length[0] << 8 | length[1];
	bytes = buf_reserve(message, count);
	must(bytes != NULL);
	if (!stream_read(stream, bytes, count, exchange->deadline, error))
		return false;
	buf_grew(message, count);
	return true;
}

static enum dns_exchange
exchange_over_stream(struct exchange *exchange)
{
	struct stream stream;
	struct error error;
	struct buf message;
	enum dns_exchange result;
	bool fits = true;
	int fd =
	    connect_open(exchange->server, NULL, exchange->deadline, &error);

	if (fd < 0)
		return failed_or_late(&error, exchange->error);
	stream_init(&stream, fd);
	buf_init(&message, DNS_MESSAGE_MAXIMUM);
	if (!send_over_stream(exchange, &stream, &error) ||
	    !receive_over_stream(exchange, &stream, &message, &error))
		result = failed_or_late(&error, exchange->error);
	else
		result = read_message(exchange, buf_span(&message), &fits);
	if (!fits ||
	    (result == DNS_ANSWERED && exchange->response->truncated)) {
		error_set(exchange->error, ERROR_INVALID,
		    "DNS response over TCP does not fit its query");
		result = DNS_FAILED;
	}
	buf_finish(&message);
	stream_close(&stream);
	return result;
}

enum dns_exchange
dns_query(const struct address *server, const struct dns_question *question,
    int64_t deadline, struct pool *pool, struct dns_response *response,
    struct error *error)
{
	struct exchange exchange = {.server = server,
	    .question = question,
	    .deadline = deadline,
	    .pool = pool,
	    .response = response,
	    .error = error,
	    .id = (uint16_t)random_u64()};
	enum dns_exchange result = DNS_FAILED;

	buf_init(&exchange.query, QUERY_MAXIMUM);
	if (dns_message_write(&exchange.query, exchange.id, question, error)) {
		result = exchange_datagrams(&exchange);
		if (result == DNS_ANSWERED && response->truncated)
			result = exchange_over_stream(&exchange);
	}
	if (result == DNS_TIMED_OUT)
		error_set(error, ERROR_TIMEOUT, "no DNS response in time");
	buf_finish(&exchange.query);
	return result;
}
