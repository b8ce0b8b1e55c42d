/* SPDX-License-Identifier: MIT */
/* Sends many numbered messages over parallel SMTP sessions. Every attempt has a
 * serial number of its own; those that were answered 250 are written to a file,
 * one a line. Failed attempts are made up for by later ones, under new numbers,
 * until as many messages as were wanted have been taken. The time of a message
 * is that from MAIL to the answer to its end. */
#include <err.h>
#include <inttypes.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/memory.h"
#include "lib/base/number.h"
#include "lib/net/listen.h"
#include "lib/net/stream.h"

enum {
	REPLY_LINE_MAXIMUM = 1024,
	MESSAGE_MAXIMUM = 64 << 20,
	RECIPIENTS_AT_ONCE = 100, /* sent before an answer is read */
	RETRY_PAUSE = 50          /* milliseconds after a failure */
};

struct load {
	struct address server;
	const char *sender;
	const char *recipient;
	uint64_t recipients;  /* of each message; above 1 their addresses begin
			       * with a number */
	uint64_t messages;    /* wanted */
	uint64_t per_session; /* 0: no limit */
	uint64_t senders;
	uint64_t size; /* of the body, in bytes */
	int64_t deadline;
	FILE *taken_file;
	char *body;
	uint64_t serial; /* of the newest attempt */
	uint64_t taken;
	uint64_t under_way;
	uint64_t refused; /* answered with another code */
	uint64_t lost;    /* not answered */
	uint64_t sessions;
	uint64_t running; /* senders */
	uint32_t *times;  /* of messages that were taken, microseconds */
	char first_error[200];
};

static void
note_error(struct load *load, const char *text)
{
	if (load->first_error[0] == '\0')
		snprintf(
		    load->first_error, sizeof load->first_error, "%s", text);
}

/* The code of a whole reply; 0 when the connection failed. */
static unsigned
read_reply(struct load *load, struct stream *stream)
{
	enum line_ending ending;
	struct error error;
	struct span line;
	uint64_t code;

	do {
		if (!stream_read_line(stream, REPLY_LINE_MAXIMUM,
			load->deadline, &line, &ending, &error)) {
			note_error(load, error.text);
			return 0;
		}
		if (!number_parse(span_head(line, 3), 599, &code))
			return 0;
	} while (line.len > 3 && line.at[3] == '-');
	if (code >= 400) {
		char text[200];

		snprintf(text, sizeof text, "%.*s", SPAN_ARGS(line));
		note_error(load, text);
	}
	return (unsigned)code;
}

static bool
expect(struct load *load, struct stream *stream, unsigned want)
{
	unsigned code = read_reply(load, stream);

	if (code != want && code != 0)
		load->refused++;
	return code == want;
}

static bool
write_message(struct load *load, struct stream *stream, uint64_t serial)
{
	struct error error;

	return stream_printf(stream, load->deadline, &error,
		   "From: <%s>\r\nTo: <%s>\r\nSubject: load %" PRIu64 "\r\n"
		   "X-Serial: %" PRIu64 "\r\n"
		   "Date: Mon, 1 Jan 2024 00:00:00 +0000\r\n"
		   "Message-ID: <%" PRIu64 "@load.example>\r\n\r\n",
		   load->sender, load->recipient, serial, serial, serial) &&
	    stream_write(
		stream, span_text(load->body), load->deadline, &error) &&
	    stream_write(stream, SPAN(".\r\n"), load->deadline, &error);
}

static bool
expect_several(
    struct load *load, struct stream *stream, unsigned want, uint64_t count)
{
	while (count > 0 && expect(load, stream, want))
		count--;
	return count == 0;
}

/* MAIL, a recipient and DATA leave in one write. */
static bool
send_short_envelope(struct load *load, struct stream *stream)
{
	struct error error;

	return stream_printf(stream, load->deadline, &error,
		   "MAIL FROM:<%s>\r\nRCPT TO:<%s>\r\nDATA\r\n", load->sender,
		   load->recipient) &&
	    expect_several(load, stream, 250, 2) && expect(load, stream, 354);
}

static bool
send_recipients(struct load *load, struct stream *stream, uint64_t first)
{
	uint64_t end = first + RECIPIENTS_AT_ONCE;
	struct error error;

	if (end > load->recipients)
		end = load->recipients;
	for (uint64_t i = first; i < end; i++)
		if (!stream_printf(stream, load->deadline, &error,
			"RCPT TO:<%" PRIu64 "%s>\r\n", i, load->recipient))
			return false;
	return expect_several(load, stream, 250, end - first);
}

static bool
send_long_envelope(struct load *load, struct stream *stream)
{
	struct error error;

	if (!stream_printf(stream, load->deadline, &error, "MAIL FROM:<%s>\r\n",
		load->sender) ||
	    !expect(load, stream, 250))
		return false;
	for (uint64_t i = 0; i < load->recipients; i += RECIPIENTS_AT_ONCE)
		if (!send_recipients(load, stream, i))
			return false;
	return stream_printf(stream, load->deadline, &error, "DATA\r\n") &&
	    expect(load, stream, 354);
}

static bool
send_envelope(struct load *load, struct stream *stream)
{
	return load->recipients == 1 ? send_short_envelope(load, stream)
				     : send_long_envelope(load, stream);
}

static bool
send_message(struct load *load, struct stream *stream, uint64_t serial)
{
	unsigned code;

	if (!send_envelope(load, stream) ||
	    !write_message(load, stream, serial))
		return false;
	code = read_reply(load, stream);
	if (code == 0)
		load->lost++;
	else if (code != 250)
		load->refused++;
	else
		fprintf(load->taken_file, "%" PRIu64 "\n", serial);
	return code == 250;
}

static bool
is_work_left(const struct load *load)
{
	return load->taken + load->under_way < load->messages &&
	    loop_now() < load->deadline;
}

/* Of a clock that does not jump. */
static int64_t
microseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static bool
run_transaction(struct load *load, struct stream *stream)
{
	int64_t begun = microseconds();
	bool was_taken;

	load->under_way++;
	was_taken = send_message(load, stream, ++load->serial);
	load->under_way--;
	if (was_taken)
		load->times[load->taken++] = (uint32_t)(microseconds() - begun);
	return was_taken;
}

static bool
greet(struct load *load, struct stream *stream)
{
	struct error error;

	return expect(load, stream, 220) &&
	    stream_printf(
		stream, load->deadline, &error, "EHLO load.example\r\n") &&
	    expect(load, stream, 250);
}

/* Sends messages until one fails, or enough were sent. */
static bool
run_session(struct load *load)
{
	struct stream stream;
	struct error error;
	uint64_t sent = 0;
	bool is_good;
	int fd = connect_open(&load->server, NULL, load->deadline, &error);

	if (fd < 0) {
		note_error(load, error.text);
		return false;
	}
	load->sessions++;
	stream_init(&stream, fd);
	is_good = greet(load, &stream);
	while (is_good && is_work_left(load) &&
	    (load->per_session == 0 || sent < load->per_session)) {
		is_good = run_transaction(load, &stream);
		sent++;
	}
	if (is_good)
		is_good = stream_printf(
			      &stream, load->deadline, &error, "QUIT\r\n") &&
		    expect(load, &stream, 221);
	stream_close(&stream);
	return is_good;
}

static void
run_sender(void *argument)
{
	struct load *load = argument;

	while (is_work_left(load) ||
	    (load->taken < load->messages && loop_now() < load->deadline)) {
		if (!is_work_left(load) || !run_session(load))
			loop_sleep_until(loop_now() + RETRY_PAUSE);
	}
	load->running--;
	if (load->running == 0)
		loop_stop();
}

static char *
make_body(uint64_t size)
{
	static const char line[] =
	    "The quick brown fox jumps over the lazy dog and runs on.\r\n";
	struct buf body;

	buf_init(&body, MESSAGE_MAXIMUM);
	while (body.len < size)
		must(buf_append_text(&body, line));
	must(buf_append_byte(&body, '\0'));
	return body.at;
}

static uint64_t
number_option(const char *text)
{
	uint64_t number;

	if (!number_parse(span_text(text), UINT32_MAX, &number))
		errx(EX_USAGE, "not a number: %s", text);
	return number;
}

static void
open_taken(struct load *load, const char *path)
{
	load->taken_file = fopen(path, "we");
	if (load->taken_file == NULL)
		err(EX_CANTCREAT, "%s", path);
	setvbuf(load->taken_file, NULL, _IOLBF, 0);
}

static void
read_options(struct load *load, int argc, char **argv)
{
	int option;

	while ((option = getopt(argc, argv, "n:c:p:f:r:m:s:t:")) != -1) {
		if (option == 'f')
			load->sender = optarg;
		else if (option == 'r')
			load->recipient = optarg;
		else if (option == 'm')
			load->recipients = number_option(optarg);
		else if (option == 'n')
			load->messages = number_option(optarg);
		else if (option == 'c')
			load->senders = number_option(optarg);
		else if (option == 'p')
			load->per_session = number_option(optarg);
		else if (option == 's')
			load->size = number_option(optarg);
		else if (option == 't')
			load->deadline =
			    loop_deadline((int64_t)number_option(optarg));
		else
			exit(EX_USAGE);
	}
	if (argc - optind != 3)
		errx(EX_USAGE,
		    "usage: load [-n messages] [-c senders] [-p per-session] "
		    "[-f sender] [-r recipient] [-m recipients] [-s size] "
		    "[-t seconds] "
		    "address port file-of-taken-serials");
	if (!address_parse_ip(span_text(argv[optind]),
		(uint16_t)number_option(argv[optind + 1]), &load->server))
		errx(EX_USAGE, "not an address: %s", argv[optind]);
	open_taken(load, argv[optind + 2]);
}

static int
compare_times(const void *left, const void *right)
{
	uint32_t one = *(const uint32_t *)left;
	uint32_t other = *(const uint32_t *)right;

	return one < other ? -1 : one > other;
}

/* The time below which so many of a hundred messages stayed. */
static uint32_t
percentile(const struct load *load, uint64_t percent)
{
	return load->taken == 0
	    ? 0
	    : load->times[(load->taken - 1) * percent / 100];
}

static void
print_outcome(struct load *load, int64_t milliseconds)
{
	qsort(load->times, load->taken, sizeof load->times[0], compare_times);
	printf("taken=%" PRIu64 " refused=%" PRIu64 " lost=%" PRIu64
	       " sessions=%" PRIu64 " attempts=%" PRIu64
	       " milliseconds=%" PRId64 " median=%" PRIu32 " p99=%" PRIu32
	       " error=%s\n",
	    load->taken, load->refused, load->lost, load->sessions,
	    load->serial, milliseconds, percentile(load, 50),
	    percentile(load, 99), load->first_error);
}

int
main(int argc, char **argv)
{
	struct load load = {
	    .sender = "sender@load.example",
	    .recipient = "sink@sink.example",
	    .recipients = 1,
	    .messages = 1000,
	    .senders = 20,
	    .size = 2048,
	    .deadline = loop_deadline(600),
	};
	int64_t begun = clock_monotonic();

	read_options(&load, argc, argv);
	load.body = make_body(load.size);
	load.times = memory_zero((load.messages + 1) * sizeof load.times[0]);
	load.running = load.senders;
	for (uint64_t i = 0; i < load.senders; i++)
		loop_spawn(run_sender, &load);
	loop_run();
	print_outcome(&load, clock_monotonic() - begun);
	free(load.times);
	free(load.body);
	return fclose(load.taken_file) == 0 && load.taken >= load.messages
	    ? EX_OK
	    : EX_TEMPFAIL;
}
