/* SPDX-License-Identifier: MIT */
/* SMTP sessions of smtpd in this process. The stage plays everybody else: it is
 * the master that starts the service, the lookup that knows recipients, the
 * cleanup that takes messages, and the client. There is one a process; unit
 * tests and the fuzz target share it. */
#ifndef UNIT_SMTPD_STAGE_H
#define UNIT_SMTPD_STAGE_H

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include <fcntl.h>
#include <unistd.h>

#include "lib/base/io.h"
#include "lib/daemon/service.h"
#include "lib/ipc/channel.h"
#include "lib/loop/loop.h"
#include "lib/net/stream.h"

#include "smtpd/directory.h"
#include "smtpd/params.h"
#include "smtpd/server.h"
#include "smtpd/session.h"

enum {
	STAGE_PATIENCE = 20, /* seconds for anything */
	STAGE_OUTPUT_MAXIMUM = 1 << 24,
	STAGE_CONTENT_MAXIMUM = 1 << 24
};

#define STAGE_QUEUE_ID "4stage0ueueZ1d"

/* What cleanup got in one session. */
struct stage_mail {
	unsigned begun;
	unsigned committed;
	unsigned aborted;
	struct buf sender;     /* of all messages, each with a LF behind it */
	struct buf recipients; /* "sender -> recipient", the same way */
	struct buf trace;      /* our Received of the committed ones */
	struct buf content;    /* what follows it */
};

static struct {
	struct channel *control;
	struct stage_mail mail;
	struct buf output;     /* what the client has got */
	unsigned cleanup_code; /* of its answer to END; 0: it breaks off */
	const char *client_ip;
	int log;
	bool writer_done;
	bool reader_done;
	bool session_done;
	struct loop_signal ended;
} stage = {.cleanup_code = 250, .client_ip = "192.0.2.1", .log = -1};

/* ---- lookup: who is there ---- */

static const struct {
	const char *domain;
	const char *user; /* NULL: anybody */
	uint32_t class;
	uint32_t result;
} stage_recipients[] = {
    {"mail.example", "alice", DIRECTORY_LOCAL, LOOKUP_FOUND},
    {"mail.example", "postmaster", DIRECTORY_LOCAL, LOOKUP_FOUND},
    {"mail.example", "later", DIRECTORY_LOCAL, LOOKUP_TRY_AGAIN},
    {"mail.example", NULL, DIRECTORY_LOCAL, LOOKUP_NOT_FOUND},
    {"relay.example", NULL, DIRECTORY_RELAY, LOOKUP_FOUND},
};

static inline struct message_recipient_known
stage_look_up(struct span recipient)
{
	size_t at = span_find_last(recipient, '@');
	struct span user = span_head(recipient, at);
	struct span domain = at < recipient.len ? span_skip(recipient, at + 1)
						: SPAN("mail.example");
	struct message_recipient_known known = {
	    .class = DIRECTORY_DEFAULT, .result = LOOKUP_FOUND};

	for (size_t i = 0; i < COUNT_OF(stage_recipients); i++) {
		const char *name = stage_recipients[i].user;

		if (!span_equal_fold(
			domain, span_text(stage_recipients[i].domain)) ||
		    (name != NULL && !span_equal_fold(user, span_text(name))))
			continue;
		known.class = stage_recipients[i].class;
		known.result = stage_recipients[i].result;
		break;
	}
	return known;
}

static inline void
stage_serve_lookup(struct conversation *conversation, struct frame *first)
{
	struct message_check_recipient check;
	struct message_recipient_known known;

	must(message_get_check_recipient(first->payload, &check));
	known = stage_look_up(check.recipient);
	conversation_send_recipient_known(conversation, &known);
}

/* ---- dns: nobody has a name ---- */

static inline void
stage_serve_dns(struct conversation *conversation, struct frame *first UNUSED)
{
	static const struct message_dns_answer nothing = {
	    .result = DNS_NO_NAME};

	conversation_send_dns_answer(conversation, &nothing);
}

/* ---- cleanup: takes messages ---- */

static inline void
stage_answer(struct conversation *conversation, unsigned code,
    const char *status, const char *text)
{
	struct message_reply reply = {code, span_text(status), span_text(text)};

	conversation_send_reply(conversation, &reply);
}

static inline void
stage_take_recipient(
    struct conversation *conversation, struct span payload, struct span sender)
{
	struct message_recipient recipient;

	must(message_get_recipient(payload, &recipient));
	must(buf_printf(&stage.mail.recipients, "%.*s -> %.*s\n",
	    SPAN_ARGS(sender), SPAN_ARGS(recipient.address)));
	stage_answer(conversation, 250, "2.1.5", "Ok");
}

/* The length of the Received field in front, which holds the time. */
static inline size_t
stage_trace_len(struct span content)
{
	size_t len = 0;

	must(span_starts(content, SPAN("Received: from ")));
	do
		len += span_find(span_skip(content, len), '\n') + 1;
	while (
	    span_starts(span_skip(content, len), SPAN("\tby mail.example (")) ||
	    span_starts(span_skip(content, len), SPAN("\tfor <")));
	return len;
}

static inline void
stage_commit(struct span content)
{
	size_t len = stage_trace_len(content);

	must(buf_append_span(&stage.mail.trace, span_head(content, len)));
	must(buf_append_span(&stage.mail.content, span_skip(content, len)));
	stage.mail.committed++;
}

static inline void
stage_take_end(struct conversation *conversation, struct buf *content)
{
	if (stage.cleanup_code == 0)
		return;
	if (stage.cleanup_code == 250) {
		stage_commit(buf_span(content));
		stage_answer(conversation, 250, "2.0.0",
		    "Ok: queued as " STAGE_QUEUE_ID);
	} else {
		stage_answer(conversation, stage.cleanup_code, "4.3.1",
		    "Error: no room");
	}
}

/* True while the conversation goes on. */
static inline bool
stage_take_frame(struct conversation *conversation, const struct frame *frame,
    struct span sender, struct buf *content)
{
	if (frame->type == MESSAGE_RECIPIENT) {
		stage_take_recipient(conversation, frame->payload, sender);
		return true;
	}
	if (frame->type == MESSAGE_CONTENT) {
		must(buf_append_span(content, frame->payload));
		return true;
	}
	must(frame->type == MESSAGE_END);
	stage_take_end(conversation, content);
	return false;
}

static inline void
stage_serve_cleanup(struct conversation *conversation, struct frame *first)
{
	static const struct message_begun begun = {
	    {STAGE_QUEUE_ID, sizeof STAGE_QUEUE_ID - 1}};
	struct message_begin begin;
	struct buf sender;
	struct buf content;
	struct error error;
	struct frame frame;
	bool goes_on = true;

	must(message_get_begin(first->payload, &begin));
	buf_init(&sender, FRAME_PAYLOAD_MAXIMUM);
	buf_init(&content, STAGE_CONTENT_MAXIMUM);
	must(buf_append_span(&sender, begin.sender));
	must(buf_printf(&stage.mail.sender, "%.*s\n", SPAN_ARGS(begin.sender)));
	stage.mail.begun++;
	conversation_send_begun(conversation, &begun);
	while (goes_on) {
		if (!conversation_receive(conversation,
			loop_deadline(STAGE_PATIENCE), &frame, &error)) {
			must(error.kind == ERROR_CLOSED);
			stage.mail.aborted++;
			break;
		}
		goes_on = stage_take_frame(
		    conversation, &frame, buf_span(&sender), &content);
	}
	buf_finish(&sender);
	buf_finish(&content);
}

/* ---- master ---- */

static const struct peer_handler stage_lookup_handlers[] = {
    {.type = MESSAGE_CHECK_RECIPIENT, .serve = stage_serve_lookup}};
static const struct peer_handler stage_cleanup_handlers[] = {
    {.type = MESSAGE_BEGIN, .serve = stage_serve_cleanup}};
static const struct peer_handler stage_dns_handlers[] = {
    {.type = MESSAGE_DNS_QUERY, .serve = stage_serve_dns}};

static const struct {
	const char *name;
	const struct peer_handler *handlers;
} stage_services[] = {
    {"lookup", stage_lookup_handlers},
    {"cleanup", stage_cleanup_handlers},
    {"dns", stage_dns_handlers},
};

static inline void
stage_send(enum message_type type, struct buf *payload, int fd)
{
	channel_send(stage.control,
	    &(struct frame){.type = (uint16_t)type,
		.payload = buf_span(payload),
		.fd = fd});
	buf_finish(payload);
}

static inline void
stage_give(const char *name, const char *text, int fd)
{
	struct message_give give = {span_text(name)};
	struct error error;
	struct buf payload;

	if (fd < 0) {
		fd = memfd_create(name, MFD_CLOEXEC);
		must(io_write(fd, span_text(text), &error));
	}
	buf_init(&payload, FRAME_PAYLOAD_MAXIMUM);
	must(message_put_give(&payload, &give));
	stage_send(MESSAGE_GIVE, &payload, fd);
}

static inline void
stage_connect(struct span service)
{
	struct message_given given = {.service = service};
	struct buf payload;
	int pair[2] = {-1, -1};

	for (size_t i = 0; i < COUNT_OF(stage_services); i++) {
		struct peer_identity identity = {1, 1, stage_services[i].name};
		struct peer_settings settings = {
		    .handlers = stage_services[i].handlers, .handler_count = 1};

		if (!span_equal(service, span_text(stage_services[i].name)))
			continue;
		must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) ==
		    0);
		(void)peer_accept(pair[0], &identity, &settings);
	}
	must(pair[1] >= 0);
	buf_init(&payload, FRAME_PAYLOAD_MAXIMUM);
	must(message_put_given(&payload, &given));
	stage_send(MESSAGE_GIVEN, &payload, pair[1]);
}

static inline void
stage_take_control(void *owner UNUSED, struct frame *frame)
{
	struct message_ready ready;
	struct message_need need;

	if (frame->type == MESSAGE_READY) {
		must(message_get_ready(frame->payload, &ready));
		must(ready.text.len == 0);
	} else {
		must(frame->type == MESSAGE_NEED);
		must(message_get_need(frame->payload, &need));
		stage_connect(need.service);
	}
}

static inline void
stage_control_closed(void *owner UNUSED, const struct error *error UNUSED)
{
	must(false);
}

static inline void
stage_send_start(void)
{
	struct message_start start = {.service = SPAN("smtpd"),
	    .program = SPAN("smtpd"),
	    .generation = 1,
	    .instance = 1,
	    .process = 1,
	    /* The test goes on in the same process. */
	    .overrides = SPAN("sandbox=no")};
	struct buf payload;

	buf_init(&payload, FRAME_PAYLOAD_MAXIMUM);
	must(message_put_start(&payload, &start));
	stage_send(MESSAGE_START, &payload, -1);
}

/* Makes this process an smtpd with that main.cf. The control channel becomes
 * descriptor 3, so call it before anything else can be there. */
static inline void
stage_open(const char *main_cf)
{
	static const struct channel_events events = {
	    .frame = stage_take_control, .closed = stage_control_closed};
	static const struct service smtpd = {.program = "smtpd",
	    .params = &smtpd_param_set,
	    .values = &server_calm_params,
	    .open = server_open,
	    .begin = loop_stop};
	char *arguments[] = {(char[]){"smtpd"}, NULL};
	int pair[2];
	int theirs;

	must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0);
	theirs = fcntl(pair[1], F_DUPFD_CLOEXEC, SERVICE_CONTROL_FD + 1);
	stage.control = channel_create(
	    fcntl(pair[0], F_DUPFD_CLOEXEC, SERVICE_CONTROL_FD + 1), &events,
	    NULL);
	close(pair[0]);
	close(pair[1]);
	must(theirs >= 0 && dup2(theirs, SERVICE_CONTROL_FD) >= 0);
	close(theirs);
	stage.log = memfd_create("log", MFD_CLOEXEC);
	stage_give("log", NULL, dup(stage.log));
	stage_give("main.cf", main_cf, -1);
	stage_give("master.cf", "", -1);
	stage_send_start();
	must(service_run(&smtpd, 1, arguments) == 0);
	/* The leak checker needs what a daemon gives up. */
	(void)prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
	buf_init(&stage.output, STAGE_OUTPUT_MAXIMUM);
	buf_init(&stage.mail.sender, STAGE_OUTPUT_MAXIMUM);
	buf_init(&stage.mail.recipients, STAGE_OUTPUT_MAXIMUM);
	buf_init(&stage.mail.trace, STAGE_OUTPUT_MAXIMUM);
	buf_init(&stage.mail.content, STAGE_CONTENT_MAXIMUM);
}

/* ---- the client, and one session ---- */

struct stage_client {
	struct stream reader;
	struct stream writer;
	struct span input;
	size_t step;
	int server_fd;
};

static inline void
stage_note_end(bool *done)
{
	*done = true;
	loop_signal_raise(&stage.ended);
}

static inline void
stage_run_session(void *argument)
{
	struct stage_client *client = argument;
	struct address peer;

	must(address_parse_ip(span_text(stage.client_ip), 4000, &peer));
	session_run("", client->server_fd, &peer);
	stage_note_end(&stage.session_done);
}

static inline void
stage_run_reader(void *argument)
{
	struct stage_client *client = argument;
	struct error error;
	struct span bytes;

	while (stream_peek(
	    &client->reader, loop_deadline(STAGE_PATIENCE), &bytes, &error)) {
		must(buf_append_span(&stage.output, bytes));
		stream_consume(&client->reader, bytes.len);
	}
	must(error.kind != ERROR_TIMEOUT);
	stage_note_end(&stage.reader_done);
}

/* Each step in a packet of its own, as far as that can be had. The server may
 * hang up at any time. */
static inline void
stage_run_writer(void *argument)
{
	struct stage_client *client = argument;
	int64_t deadline = loop_deadline(STAGE_PATIENCE);
	struct span rest = client->input;
	struct error error;

	while (rest.len > 0 && !stage.reader_done) {
		struct span part = span_head(rest, client->step);

		if (!stream_write(&client->writer, part, deadline, &error) ||
		    !stream_flush(&client->writer, deadline, &error))
			break;
		rest = span_skip(rest, part.len);
		loop_sleep_until(loop_now());
	}
	(void)shutdown(client->writer.loop_fd.fd, SHUT_WR);
	stage_note_end(&stage.writer_done);
}

static inline void
stage_wait_end(void *argument UNUSED)
{
	while (!stage.session_done || !stage.reader_done || !stage.writer_done)
		must(loop_signal_wait(
		    &stage.ended, loop_deadline(STAGE_PATIENCE)));
	loop_stop();
}

static inline void
stage_clear(void)
{
	buf_clear(&stage.output);
	buf_clear(&stage.mail.sender);
	buf_clear(&stage.mail.recipients);
	buf_clear(&stage.mail.trace);
	buf_clear(&stage.mail.content);
	stage.mail.begun = stage.mail.committed = stage.mail.aborted = 0;
	stage.session_done = stage.reader_done = stage.writer_done = false;
	stage.ended = (struct loop_signal){.raised = false};
}

/* One session: sends `input` in pieces of `step` bytes and then closes its
 * side. What came back is in stage.output, what was stored in stage.mail. */
static inline void
stage_talk(struct span input, size_t step)
{
	struct stage_client client = {.input = input, .step = step};
	int pair[2];

	stage_clear();
	must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0);
	client.server_fd = pair[1];
	stream_init(&client.reader, pair[0]);
	stream_init(&client.writer, fcntl(pair[0], F_DUPFD_CLOEXEC, 0));
	loop_spawn(stage_run_session, &client);
	loop_spawn(stage_run_reader, &client);
	loop_spawn(stage_run_writer, &client);
	loop_spawn(stage_wait_end, NULL);
	loop_run();
	stream_close(&client.reader);
	stream_close(&client.writer);
}

/* "250\n503\n": the code of each reply's last line. */
static inline void
stage_list_codes(struct buf *codes)
{
	struct span output = buf_span(&stage.output);
	struct span line;

	while (output.len > 0) {
		must(span_split(output, '\n', &line, &output));
		must(line.len >= 5 && span_ends(line, SPAN("\r")));
		if (line.at[3] != '-')
			must(buf_printf(codes, "%.3s\n", line.at));
	}
}

#endif
