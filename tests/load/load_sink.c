/* SPDX-License-Identifier: MIT */
/* A next hop that counts: takes everything, keeps nothing, and writes one line
 * for each message it answers 250: its X-Serial, the queue id of the topmost
 * Received field, and when (milliseconds of the monotonic clock). With -d it
 * takes nothing: each recipient is answered 450. With -w it answers each
 * message only after so many milliseconds. */
#include <err.h>
#include <inttypes.h>
#include <sysexits.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/memory.h"
#include "lib/base/number.h"
#include "lib/net/listen.h"
#include "lib/net/stream.h"

enum {
	LINE_MAXIMUM = 2048,
	SESSION_PATIENCE = 600, /* seconds */
	QUEUE_ID_SIZE = 40,
	BACKLOG = 512
};

struct message {
	uint64_t serial; /* 0: none found */
	char queue_id[QUEUE_ID_SIZE];
	bool in_body;
};

static FILE *output;
static bool defers;
static uint64_t answer_delay; /* milliseconds before the answer to a message */

static bool
reply(struct stream *stream, const char *text)
{
	struct error error;

	return stream_printf(
	    stream, loop_deadline(SESSION_PATIENCE), &error, "%s\r\n", text);
}

static bool
read_line(struct stream *stream, struct span *line)
{
	enum line_ending ending;
	struct error error = {.kind = ERROR_NONE};

	/* The front of a line that is too long is all that is looked at. */
	return stream_read_line(stream, LINE_MAXIMUM,
		   loop_deadline(SESSION_PATIENCE), line, &ending, &error) ||
	    error.kind == ERROR_LIMIT;
}

static void
note_queue_id(struct message *message, struct span line)
{
	size_t at = span_find_span(line, SPAN(" id "));
	struct span rest = span_skip(line, at + 4);
	struct span id;

	if (at < line.len && span_take_word(&rest, " ;\r\n", &id))
		snprintf(message->queue_id, sizeof message->queue_id, "%.*s",
		    SPAN_ARGS(id));
}

static void
note_line(struct message *message, struct span line)
{
	static const struct span field = {"X-Serial: ", 10};
	uint64_t serial;

	if (line.len == 0)
		message->in_body = true;
	if (message->in_body)
		return;
	if (message->queue_id[0] == '\0')
		note_queue_id(message, line);
	if (span_starts_fold(line, field) &&
	    number_parse(span_skip(line, field.len), UINT64_MAX, &serial))
		message->serial = serial;
}

static bool
take_message(struct stream *stream)
{
	struct message message = {.serial = 0};
	struct span line;

	do {
		if (!read_line(stream, &line))
			return false;
		note_line(&message, line);
	} while (!span_equal(line, SPAN(".")));
	if (answer_delay > 0)
		loop_sleep_until(loop_now() + (int64_t)answer_delay);
	fprintf(output, "%" PRIu64 " %s %" PRId64 "\n", message.serial,
	    message.queue_id[0] != '\0' ? message.queue_id : "-",
	    clock_monotonic());
	return reply(stream, "250 2.0.0 Ok: queued as SINK");
}

static const struct {
	const char *word;
	const char *reply;
} answers[] = {
    {"EHLO",
	"250-sink.example\r\n250-PIPELINING\r\n250-8BITMIME\r\n"
	"250-ENHANCEDSTATUSCODES\r\n250 SIZE"},
    {"HELO", "250 sink.example"},
    {"MAIL", "250 2.1.0 Ok"},
    {"RCPT", "250 2.1.5 Ok"},
    {"RSET", "250 2.0.0 Ok"},
    {"NOOP", "250 2.0.0 Ok"},
    {"DATA", "354 go ahead"},
    {"QUIT", "221 2.0.0 Bye"},
};

static bool
answer(struct stream *stream, struct span line)
{
	if (defers && span_starts_fold(line, SPAN("RCPT")))
		return reply(stream, "450 4.2.0 try again later");
	for (size_t i = 0; i < COUNT_OF(answers); i++)
		if (span_starts_fold(line, span_text(answers[i].word)))
			return reply(stream, answers[i].reply);
	return reply(stream, "500 5.5.2 what?");
}

static void
run_session(void *argument)
{
	struct stream *stream = argument;
	struct error error;
	struct span line;
	bool goes_on = reply(stream, "220 sink.example ESMTP");

	while (goes_on && read_line(stream, &line)) {
		bool is_data = span_starts_fold(line, SPAN("DATA"));
		bool is_quit = span_starts_fold(line, SPAN("QUIT"));

		goes_on = answer(stream, line) &&
		    (!is_data || take_message(stream)) && !is_quit;
	}
	if (!stream_flush(stream, loop_deadline(1), &error))
		warnx("%s", error.text);
	stream_close(stream);
	free(stream);
}

static void
accept_client(struct loop_fd *listener)
{
	int fd = listen_accept(listener->fd, NULL);
	struct stream *stream;

	if (fd < 0)
		return;
	stream = memory_zero(sizeof *stream);
	stream_init(stream, fd);
	loop_spawn(run_session, stream);
}

static uint16_t
read_options(int argc, char **argv)
{
	uint64_t port;
	int option;

	while ((option = getopt(argc, argv, "dw:")) != -1)
		if (option == 'd')
			defers = true;
		else if (option != 'w' ||
		    !number_parse(span_text(optarg), UINT32_MAX, &answer_delay))
			exit(EX_USAGE);
	if (argc - optind != 2 ||
	    !number_parse(span_text(argv[optind]), UINT16_MAX, &port))
		errx(EX_USAGE,
		    "usage: load_sink [-d] [-w milliseconds] port output-file");
	return (uint16_t)port;
}

int
main(int argc, char **argv)
{
	struct loop_fd listener = {.fd = -1};
	struct address address;
	struct error error;
	uint16_t port = read_options(argc, argv);

	must(address_parse_ip(SPAN("127.0.0.1"), port, &address));
	listener.fd = listen_open(&address, BACKLOG, 0, &error);
	if (listener.fd < 0)
		errx(EX_OSERR, "%s", error.text);
	output = fopen(argv[optind + 1], "we");
	if (output == NULL)
		err(EX_CANTCREAT, "%s", argv[optind + 1]);
	setvbuf(output, NULL, _IOLBF, 0);
	loop_add_listener(&listener, listener.fd, accept_client, NULL);
	loop_run();
	return EX_OK;
}
