/* SPDX-License-Identifier: MIT */
/* A session of the SMTP client with a server that says what the input says. The
 * first byte chooses SMTP or LMTP; the rest is cut at each NUL into what one
 * read gets. Whatever comes, every recipient ends up with an outcome, and none
 * is "sent" before the whole message has been. */
#include <sys/socket.h>

#include <fcntl.h>

#include "lib/base/io.h"
#include "lib/daemon/state.h"
#include "lib/log/log.h"

#include "smtp/attempt.h"
#include "smtp/client.h"
#include "smtp/hello.h"
#include "smtp/transaction.h"

enum {
	RECIPIENTS = 3,
	SAID_MAXIMUM = 1 << 20
};

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

static const char text[] = "Subject: x\r\n\r\n.dot\r\nbody\r\n";
static const char end[] = "\r\nbody\r\n.\r\n";

/* The server: what it still has to say, and what it was told. */
struct script {
	struct span rest;
	struct buf told;
};

static ssize_t
hear(struct stream *stream, void *bytes, size_t count,
    enum wait_for *want UNUSED)
{
	struct script *script = stream->layer_state;
	size_t len = span_find(script->rest, '\0');

	if (len > count)
		len = count;
	memcpy(bytes, script->rest.at, len);
	script->rest = span_skip(script->rest, len);
	if (len < count && script->rest.len > 0)
		script->rest = span_skip(script->rest, 1);
	return (ssize_t)len;
}

static ssize_t
tell(struct stream *stream, const void *bytes, size_t count,
    enum wait_for *want UNUSED)
{
	struct script *script = stream->layer_state;

	must(buf_append(&script->told, bytes, count));
	return (ssize_t)count;
}

static const struct stream_layer layer = {hear, tell};

/* What the service skeleton and main.cf say to the client. */
static void
open_client(bool lmtp)
{
	static const struct service service = {.program = "smtp"};
	static const struct param_set *sets[] = {&common_param_set, NULL};
	static struct pool *lasting;
	struct error error;

	if (lasting == NULL) {
		struct log_settings settings = log_current();

		settings.sink = LOG_SINK_FILE;
		settings.fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
		log_open(&settings);
		daemon_state.service = &service;
		lasting = pool_create(NULL, "process", POOL_NO_MAXIMUM);
		daemon_state.pool =
		    pool_create(lasting, "parameters", POOL_NO_MAXIMUM);
		daemon_state.config = config_create(lasting);
		daemon_state.source = (struct param_source){
		    .config = daemon_state.config,
		    .sets = sets,
		    .host = &host_system,
		};
		must(param_load(&common_param_set, &daemon_state.source,
		    &daemon_state.common, lasting, &error));
	}
	pool_clear(daemon_state.pool);
	daemon_state.start.program = lmtp ? SPAN("lmtp") : SPAN("smtp");
	must(client_open(&error));
}

static struct delivery *
make_delivery(struct pool *pool)
{
	static const size_t header = sizeof "Subject: x\r\n" - 1;
	struct delivery *delivery = pool_alloc(pool, sizeof *delivery);

	delivery->pool = pool;
	delivery->fd = -1;
	delivery->content = span_text(text);
	delivery->request = (struct message_deliver){
	    .sender = SPAN("sender@client.example"),
	    .header_size = header,
	    .header_flags = CONTENT_FINAL_CRLF,
	    .body_offset = header,
	    .body_size = sizeof text - 1 - header,
	    .body_flags = CONTENT_LEADING_DOT | CONTENT_FINAL_CRLF,
	};
	delivery->count = RECIPIENTS;
	delivery->recipients =
	    pool_alloc(pool, RECIPIENTS * sizeof *delivery->recipients);
	for (size_t i = 0; i < RECIPIENTS; i++)
		delivery->recipients[i].request.address =
		    SPAN("user@remote.example");
	return delivery;
}

static void
check(const struct attempt *attempt, const struct script *script)
{
	struct span told = buf_span(&script->told);
	bool is_sent = span_find_span(told, span_text(end)) < told.len;

	for (size_t i = 0; i < attempt->count; i++) {
		const struct recipient *recipient = &attempt->recipients[i];

		must(recipient->state != RECIPIENT_ACCEPTED);
		must(recipient->outcome != NULL);
		must(recipient->outcome->text.len > 0);
		must(recipient->outcome->outcome == DELIVERY_BOUNCED ||
		    recipient->outcome->outcome == DELIVERY_DEFERRED ||
		    is_sent);
	}
}

static void
converse(struct session *session, struct attempt *attempt)
{
	const struct server server = {.name = "script.example"};
	const struct tls_goal goal = {.level = TLS_LEVEL_NONE, .key = "none"};
	const struct delivery_result *failure =
	    hello_exchange(session, attempt->pool, &server, &goal);

	if (failure != NULL) {
		must(failure->outcome == DELIVERY_BOUNCED ||
		    failure->outcome == DELIVERY_DEFERRED);
		attempt_postpone(attempt, failure);
		return;
	}
	session->uses = 1;
	must(transaction_run(session, attempt) == TRANSACTION_ENDED);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
	struct pool *pool = pool_create(NULL, "input", POOL_NO_MAXIMUM);
	struct script script = {.rest = span_of(bytes, count)};
	struct session session = {.where = "script.example[local]"};
	struct attempt attempt;
	int pair[2];

	if (count == 0) {
		pool_destroy(pool);
		return 0;
	}
	script.rest = span_skip(script.rest, 1);
	open_client(bytes[0] % 2 != 0);
	must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0);
	buf_init(&script.told, SAID_MAXIMUM);
	stream_init(&session.stream, pair[0]);
	session.stream.layer = &layer;
	session.stream.layer_state = &script;
	must(attempt_init(&attempt, make_delivery(pool)));
	converse(&session, &attempt);
	check(&attempt, &script);
	stream_close(&session.stream);
	io_close(&pair[1]);
	buf_finish(&script.told);
	pool_destroy(pool);
	return 0;
}
