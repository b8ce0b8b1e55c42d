/* SPDX-License-Identifier: MIT */
/* socketmap: and tcp: tables against servers that answer, lie, hang and die. */
#include <sys/socket.h>
#include <sys/wait.h>

#include <netinet/in.h>
#include <signal.h>
#include <time.h>

#include "lib/base/clock.h"
#include "lib/net/address.h"
#include "lib/table/server_reply.h"
#include "lib/table/table.h"

#include "temporary.h"

enum {
	TIMEOUT = 300 /* milliseconds */
};

/* What a reply means: state, result and text. */
static const struct {
	const struct server_protocol *protocol;
	const char *input;
	const char *want; /* "...": incomplete, "!": broken */
} replies[] = {
    {&server_reply_socketmap, "", "..."},
    {&server_reply_socketmap, "4", "..."},
    {&server_reply_socketmap, "4:OK a", "..."},
    {&server_reply_socketmap, "4:OK a,", "+a"},
    {&server_reply_socketmap, "04:OK a,", "+a"},
    {&server_reply_socketmap, "3:OK ,", "+"},
    {&server_reply_socketmap, "2:OK,", "+"},
    {&server_reply_socketmap, "9:NOTFOUND ,", "-"},
    {&server_reply_socketmap, "8:NOTFOUND,", "-"},
    {&server_reply_socketmap, "6:TEMP x,", "?x"},
    {&server_reply_socketmap, "9:TIMEOUT x,", "?x"},
    {&server_reply_socketmap, "6:PERM x,", "?x"},
    {&server_reply_socketmap, "4:OK ab", "!"},
    {&server_reply_socketmap, "4:OK a,x", "!"},
    {&server_reply_socketmap, "4:ok a,", "!"},
    {&server_reply_socketmap, "0:,", "!"},
    {&server_reply_socketmap, ":", "!"},
    {&server_reply_socketmap, "-1:", "!"},
    {&server_reply_socketmap, "x", "..."},
    {&server_reply_socketmap, "1234567", "!"},
    {&server_reply_socketmap, "100001:", "!"},
    {&server_reply_socketmap, "100000:OK ", "..."},
    {&server_reply_socketmap, "<html>", "..."},
    {&server_reply_socketmap, "<html>\n", "!"},
    {&server_reply_tcp, "", "..."},
    {&server_reply_tcp, "200 a", "..."},
    {&server_reply_tcp, "200 a\n", "+a"},
    {&server_reply_tcp, "200 a%20b\r\n", "+a%20b"},
    {&server_reply_tcp, "500 x\n", "-"},
    {&server_reply_tcp, "400 x\n", "?x"},
    {&server_reply_tcp, "200\n", "!"},
    {&server_reply_tcp, "200 a\n200 b\n", "!"},
    {&server_reply_tcp, "600 a\n", "!"},
    {&server_reply_tcp, "\n", "!"},
};

static void
describe(enum server_reply_state state, const struct server_reply *reply,
    struct buf *out)
{
	static const char marks[] = {'-', '+', '?'};

	buf_clear(out);
	if (state == SERVER_REPLY_INCOMPLETE)
		buf_append_text(out, "...");
	else if (state == SERVER_REPLY_BROKEN)
		buf_append_byte(out, '!');
	else
		buf_append_byte(out, marks[reply->result]);
	if (state == SERVER_REPLY_COMPLETE && reply->result != TABLE_NOT_FOUND)
		buf_append_span(out, reply->text);
}

static void
test_replies(void **state UNUSED)
{
	struct buf out;

	buf_init(&out, 1000);
	for (size_t i = 0; i < COUNT_OF(replies); i++) {
		struct server_reply reply = {.text = SPAN_EMPTY};
		enum server_reply_state got = replies[i].protocol->take(
		    span_text(replies[i].input), &reply);

		describe(got, &reply, &out);
		assert_span(buf_span(&out), replies[i].want);
	}
	buf_finish(&out);
}

static void
test_words(void **state UNUSED)
{
	struct buf out;

	buf_init(&out, 1000);
	assert_true(server_reply_socketmap.ask(
	    &out, SPAN("valias"), SPAN("remote.example")));
	assert_span(buf_span(&out), "21:valias remote.example,");
	buf_clear(&out);
	assert_true(
	    server_reply_tcp.ask(&out, SPAN_EMPTY, SPAN("a b%\xc3\n~")));
	assert_span(buf_span(&out), "get a%20b%25%c3%0a~\n");
	buf_clear(&out);
	assert_true(server_reply_tcp.decode(&out, SPAN("a%20b%C3%a4")));
	assert_span(buf_span(&out), "a b\xc3\xa4");
	assert_false(server_reply_tcp.decode(&out, SPAN("a%2")));
	assert_false(server_reply_tcp.decode(&out, SPAN("a%2x")));
	buf_finish(&out);
}

/* A server in a process of its own. Each connection gets the next answer for
 * each question, whatever it is; an empty one is none at all, and "close" ends
 * the connection. */
struct server {
	int listener;
	char endpoint[64];
	pid_t pid;
};

static void
start_listening(struct server *server)
{
	struct address address;
	socklen_t len;

	assert_true(address_parse_ip(SPAN("127.0.0.1"), 0, &address));
	server->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(server->listener, &address.any, address.len), 0);
	assert_int_equal(listen(server->listener, 10), 0);
	len = address.len;
	assert_int_equal(getsockname(server->listener, &address.any, &len), 0);
	snprintf(server->endpoint, sizeof server->endpoint, "127.0.0.1:%u",
	    address_port(&address));
}

/* Sends `answer`; "flood" stands for 100 MB without an end. */
static bool
answer_once(int fd, const char *answer)
{
	static char block[65536];

	if (strcmp(answer, "flood") != 0)
		return send(fd, answer, strlen(answer), MSG_NOSIGNAL) >= 0;
	memset(block, '1', sizeof block);
	for (size_t i = 0; i < 1600; i++)
		if (send(fd, block, sizeof block, MSG_NOSIGNAL) < 0)
			return false;
	return true;
}

static _Noreturn void
serve(const struct server *server, const char *const *answers)
{
	char question[1000];
	int fd;

	alarm(20);
	while (*answers != NULL &&
	    (fd = accept(server->listener, NULL, NULL)) >= 0) {
		while (*answers != NULL &&
		    recv(fd, question, sizeof question, 0) > 0) {
			const char *answer = *answers++;

			if (strcmp(answer, "close") == 0 ||
			    !answer_once(fd, answer))
				break;
		}
		close(fd);
	}
	_exit(0);
}

static void
start(struct server *server, const char *const *answers)
{
	start_listening(server);
	server->pid = fork();
	assert_true(server->pid >= 0);
	if (server->pid == 0)
		serve(server, answers);
	close(server->listener);
}

static void
stop(const struct server *server)
{
	kill(server->pid, SIGKILL);
	assert_int_equal(waitpid(server->pid, NULL, 0), server->pid);
}

static struct table *
open_table(const struct server *server, const char *type)
{
	const struct table_options options = {.timeout = TIMEOUT};
	char name[200];
	struct error error;
	struct table *table;

	snprintf(name, sizeof name, "%s%s%s", type, server->endpoint,
	    type[0] == 's' ? ":map" : "");
	table = table_open(span_text(name), NULL, &options, &error);
	if (table == NULL)
		fail_msg("%s", error.text);
	return table;
}

static void
expect(struct table *table, const char *want, const char *words)
{
	static const char *const results[] = {"-", NULL, "?"};
	struct error error = {.text = ""};
	int64_t before = clock_monotonic();
	struct buf value;
	enum table_result result;

	buf_init(&value, 200000);
	result = table_get(table, SPAN("key"), &value, &error);
	if (result == TABLE_FOUND)
		assert_span(buf_span(&value), want);
	else
		assert_string_equal(results[result], want);
	if (result == TABLE_TRY_AGAIN && strstr(error.text, words) == NULL)
		fail_msg("\"%s\" and not \"%s\"", error.text, words);
	/* Much more than it may take, for machines that are busy. */
	assert_true(clock_monotonic() - before < 10 * TIMEOUT);
	buf_finish(&value);
}

static void
test_good_servers(void **state UNUSED)
{
	static const char *const socketmap[] = {"4:OK a,", "9:NOTFOUND ,",
	    "6:TEMP x,", "close", "4:OK b,", "4:OK c,", NULL};
	static const char *const tcp[] = {
	    "200 a%20b\n", "500 no\n", "400 later\n", "200 c\n", NULL};
	struct server server;
	struct table *table;

	start(&server, socketmap);
	table = open_table(&server, "socketmap:inet:");
	expect(table, "a", "");
	expect(table, "-", "");
	expect(table, "?", "the server says: x");
	/* It closes the old connection; the new one gets an answer. */
	expect(table, "b", "");
	expect(table, "c", "");
	table_close(table);
	stop(&server);

	start(&server, tcp);
	table = open_table(&server, "tcp:");
	expect(table, "a b", "");
	expect(table, "-", "");
	expect(table, "?", "the server says: later");
	expect(table, "c", "");
	table_close(table);
	stop(&server);
}

static const struct {
	const char *type;
	const char *answer;
	const char *words;
} attacks[] = {
    {"socketmap:inet:", "", "did not answer in time"},
    {"socketmap:inet:", "9:OK a,", "did not answer in time"},
    {"socketmap:inet:", "999999999:OK a,", "does not keep to the protocol"},
    {"socketmap:inet:", "100000:", "did not answer in time"},
    {"socketmap:inet:", "3:OK a,", "does not keep to the protocol"},
    {"socketmap:inet:", "flood", "does not keep to the protocol"},
    {"socketmap:inet:", "close", "closed the connection"},
    {"tcp:", "", "did not answer in time"},
    {"tcp:", "200 a", "did not answer in time"},
    {"tcp:", "200 a%2\n", "does not keep to the protocol"},
    {"tcp:", "hello\n", "does not keep to the protocol"},
    {"tcp:", "flood", "does not keep to the protocol"},
    {"tcp:", "close", "closed the connection"},
};

/* Nobody waits meanwhile. */
static void
wait_for_pause_end(struct table *table)
{
	const struct timespec pause = {.tv_nsec = 10 * 1000 * 1000};
	struct error error = {.text = ""};
	struct buf value;
	enum table_result result = TABLE_TRY_AGAIN;

	expect(table, "?", "in time before");
	buf_init(&value, 100);
	for (int i = 0; i < 3000 && result == TABLE_TRY_AGAIN; i++) {
		result = table_get(table, SPAN("key"), &value, &error);
		nanosleep(&pause, NULL);
	}
	assert_int_equal(result, TABLE_FOUND);
	assert_span(buf_span(&value), "a");
	buf_finish(&value);
}

static void
test_bad_servers(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(attacks); i++) {
		const char *const answers[] = {attacks[i].answer,
		    attacks[i].type[0] == 's' ? "4:OK a," : "200 a\n", NULL};
		struct server server;
		struct table *table;

		start(&server, answers);
		table = open_table(&server, attacks[i].type);
		expect(table, "?", attacks[i].words);
		/* What came too late is not taken for the next answer; one who
		 * was too late is not asked for a while. */
		if (strstr(attacks[i].words, "in time") != NULL)
			wait_for_pause_end(table);
		else
			expect(table, "a", "");
		table_close(table);
		stop(&server);
	}
}

static void
test_nobody_there(void **state UNUSED)
{
	struct server server;
	struct table *table;

	start_listening(&server);
	close(server.listener);
	table = open_table(&server, "tcp:");
	expect(table, "?", "Connection refused");
	assert_int_equal(table_traits(table), TABLE_BLOCKS | TABLE_WHOLE_KEY);
	table_close(table);
	snprintf(server.endpoint, sizeof server.endpoint, "/nonexistent/x");
	table = open_table(&server, "socketmap:unix:");
	expect(table, "?", "No such file");
	assert_int_equal(table_traits(table), TABLE_BLOCKS);
	table_close(table);
}

static const char *const bad_names[] = {"socketmap:", "socketmap:x",
    "socketmap:inet:host:25", "socketmap:inet:host:25:", "socketmap:unix::x",
    "socketmap:inet::25:x", "tcp:", "tcp:x", "tcp::25", "tcp:x:"};

static void
test_bad_names(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(bad_names); i++) {
		struct error error;

		if (table_open(span_text(bad_names[i]), NULL, NULL, &error) !=
		    NULL)
			fail_msg("%s is accepted", bad_names[i]);
		assert_int_equal(error.kind, ERROR_INVALID);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_replies),
	    cmocka_unit_test(test_words),
	    cmocka_unit_test(test_good_servers),
	    cmocka_unit_test(test_bad_servers),
	    cmocka_unit_test(test_nobody_there),
	    cmocka_unit_test(test_bad_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
