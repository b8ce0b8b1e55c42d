/* SPDX-License-Identifier: MIT */
/* Stands in for any program of the suite in the tests of master. As an internal
 * service it answers LOOKUP with its pid and the key; the keys "changed" and
 * "want SERVICE" have it tell master so. On a public port it takes lines:
 *
 *   pid              its process id
 *   ask SERVICE KEY  what SERVICE answers to LOOKUP
 *   fail SECONDS     blocks the whole process
 *   crash            dies by a signal
 *   try ACT          "worked" or "refused" (lib/sandbox/act.h)
 *
 * `fake_broken` in main.cf names programs that refuse to start, `fake_table` a
 * file that must not be there. */
#include <signal.h>
#include <unistd.h>

#include "lib/base/io.h"
#include "lib/base/number.h"
#include "lib/daemon/flight.h"
#include "lib/daemon/service.h"
#include "lib/log/log.h"
#include "lib/loop/loop.h"
#include "lib/net/stream.h"
#include "lib/param/param_define.h"
#include "lib/param/word_list.h"
#include "lib/sandbox/act.h"

struct fake_params {
	const char *fake_broken;
	const char *fake_text;
	const char *fake_table;
};

#define PARAM_STRUCT struct fake_params
static const struct param_spec specs[] = {
    PARAM_SPEC(text, fake_broken, "", 0, 1000, "Programs that do not start.")
	PARAM_SPEC(text, fake_text, "none", 0, 1000, "What \"pid\" adds.")
	    PARAM_SPEC(
		text, fake_table, "", 0, 1000, "A file that breaks lookup.")};

static struct fake_params fake_params;
static const struct param_set fake_param_set = PARAM_SET("fake", specs);
static const char *program;

static bool
open_fake(struct error *error)
{
	if (word_list_has(
		span_text(fake_params.fake_broken), span_text(program)))
		return error_set(error, ERROR_INVALID, "%s is broken", program);
	if (strcmp(program, "lookup") == 0 &&
	    access(fake_params.fake_table, F_OK) == 0)
		return error_set(error, ERROR_INVALID, "broken table");
	return true;
}

/* Does what the key asks for, if anything. */
static void
obey(struct span key)
{
	struct message_want want;
	struct buf payload;
	struct span verb;

	span_split(key, ' ', &verb, &want.service);
	buf_init(&payload, FRAME_PAYLOAD_MAXIMUM);
	if (span_equal(verb, SPAN("changed")))
		service_tell_master(MESSAGE_TABLES_CHANGED, SPAN_EMPTY);
	if (span_equal(verb, SPAN("want")) && message_put_want(&payload, &want))
		service_tell_master(MESSAGE_WANT, buf_span(&payload));
	buf_finish(&payload);
}

static void
serve_lookup(struct conversation *conversation, struct frame *first)
{
	struct message_lookup message;
	struct message_value answer = {.result = LOOKUP_FOUND};
	char text[200];

	must(message_get_lookup(first->payload, &message));
	snprintf(text, sizeof text, "%s %d %.*s", service_name(), (int)getpid(),
	    SPAN_ARGS(message.key));
	answer.value = span_text(text);
	obey(message.key);
	conversation_send_value(conversation, &answer);
}

static void
ask(struct span arguments, struct buf *out)
{
	struct message_lookup message = {.tables = SPAN_EMPTY};
	struct message_value answer;
	struct conversation *conversation;
	struct frame frame;
	struct error error;
	struct span service;
	char name[40];

	span_split(arguments, ' ', &service, &message.key);
	snprintf(name, sizeof name, "%.*s", SPAN_ARGS(service));
	conversation = switchboard_converse(name, loop_deadline(10), &error);
	if (conversation != NULL)
		conversation_send_lookup(conversation, &message);
	if (conversation != NULL &&
	    conversation_expect(conversation, MESSAGE_VALUE, loop_deadline(10),
		&frame, &error) &&
	    message_get_value(frame.payload, &answer))
		buf_printf(out, "%.*s\n", SPAN_ARGS(answer.value));
	else
		buf_printf(out, "error: %s\n", error.text);
	conversation_close(conversation);
}

static void
try_act(struct span name, struct buf *out)
{
	const struct act *act = act_find(name);

	must(act != NULL);
	buf_printf(out, "%s\n",
	    act_is_refused(act->try(act->argument)) ? "refused" : "worked");
}

static void
run_command(struct span line, struct buf *out)
{
	struct span verb;
	struct span rest;
	uint64_t seconds;

	span_split(line, ' ', &verb, &rest);
	if (span_equal(verb, SPAN("pid")))
		buf_printf(
		    out, "%d %s\n", (int)getpid(), fake_params.fake_text);
	else if (span_equal(verb, SPAN("ask")))
		ask(rest, out);
	else if (span_equal(verb, SPAN("crash")))
		(void)raise(SIGSEGV);
	else if (span_equal(verb, SPAN("try")))
		try_act(rest, out);
	else if (span_equal(verb, SPAN("fail")) &&
	    number_parse(rest, 1000, &seconds))
		sleep((unsigned)seconds);
	else
		buf_printf(out, "what?\n");
}

static void
serve_session(const char *listener UNUSED, int fd, const struct address *peer)
{
	char ip[ADDRESS_TEXT_SIZE] = "a local client";
	struct flight_slot *slot;
	struct loop_fd loop_fd;
	struct buf out;
	char line[200];
	size_t count = 0;

	if (address_is_ip(peer))
		(void)address_format_ip(peer, ip);
	slot = flight_begin("session", span_text(ip), SPAN_EMPTY);
	loop_add(&loop_fd, fd, NULL, NULL);
	while (count < sizeof line &&
	    loop_wait(&loop_fd, WAIT_READ, loop_deadline(60))) {
		ssize_t got = read(fd, line + count, sizeof line - count);

		if (got < 0)
			continue;
		if (got == 0)
			break;
		count += (size_t)got;
		if (line[count - 1] != '\n')
			continue;
		buf_init(&out, sizeof line + 200);
		run_command(span_of(line, count - 1), &out);
		count = 0;
		if (!io_write(fd, buf_span(&out), NULL))
			break;
		buf_finish(&out);
	}
	flight_end(slot);
	loop_remove(&loop_fd);
	io_close(&fd);
}

/* qmgr is told which agents live. */
static void
take_control(struct frame *frame)
{
	if (frame->type != MESSAGE_AGENTS)
		return;
	log_info(NULL, "agents: %zu", frame->payload.len);
}

int
main(int argc, char **argv)
{
	static const struct peer_handler handlers[] = {
	    {.type = MESSAGE_LOOKUP, .serve = serve_lookup},
	};
	struct service service = {
	    .program = argv[0],
	    .params = &fake_param_set,
	    .values = &fake_params,
	    .open = open_fake,
	    .handlers = handlers,
	    .handler_count = COUNT_OF(handlers),
	    .session = serve_session,
	    .control = take_control,
	};

	program = argv[0];
	return service_run(&service, argc, argv);
}
