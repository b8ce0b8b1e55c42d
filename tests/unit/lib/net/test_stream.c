/* SPDX-License-Identifier: MIT */
#include <sys/socket.h>

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "lib/loop/coroutine.h"
#include "lib/net/stream.h"

#include "../../unit.h"

/* Ours is a stream, theirs a plain descriptor. */
struct line {
	struct stream ours;
	int theirs;
};

static void
line_open(struct line *line)
{
	int pair[2];

	assert_int_equal(
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	stream_init(&line->ours, pair[0]);
	line->theirs = pair[1];
}

static void
line_close(struct line *line)
{
	stream_close(&line->ours);
	stream_close(&line->ours);
	close(line->theirs);
}

static void
say(struct line *line, struct span bytes)
{
	assert_int_equal(write(line->theirs, bytes.at, bytes.len), bytes.len);
}

static void
lines_end_as_sent(void **state UNUSED)
{
	static const struct {
		const char *want;
		enum line_ending ending;
	} cases[] = {
	    {"HELO a", LINE_CRLF},
	    {"bare", LINE_LF},
	    {"", LINE_CRLF},
	    {"", LINE_LF},
	    {"in\rside", LINE_CRLF},
	    {"two\r", LINE_CRLF},
	};
	struct line line;
	struct span text;
	struct error error;
	enum line_ending ending;

	line_open(&line);
	say(&line, SPAN("HELO a\r\nbare\n\r\n\nin\rside\r\ntwo\r\r\nrest"));
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		assert_true(stream_read_line(
		    &line.ours, 100, loop_deadline(5), &text, &ending, &error));
		assert_span(text, cases[i].want);
		assert_int_equal(ending, cases[i].ending);
	}
	assert_true(stream_has_input(&line.ours));
	shutdown(line.theirs, SHUT_WR);
	assert_false(stream_read_line(
	    &line.ours, 100, loop_deadline(5), &text, &ending, &error));
	assert_int_equal(error.kind, ERROR_CLOSED);
	assert_false(stream_read_line(
	    &line.ours, 100, loop_deadline(5), &text, &ending, &error));
	assert_int_equal(error.kind, ERROR_CLOSED);
	line_close(&line);
}

static void
long_lines_are_skipped(void **state UNUSED)
{
	static const struct {
		const char *in;
		const char *want;
		bool too_long;
	} cases[] = {
	    {"12345678\r\n", "12345678", false},
	    {"12345678\n", "12345678", false},
	    {"123456789\r\n", "12345678", true},
	    {"123456789\n", "12345678", true},
	    {"12345678\r9\r\n", "12345678", true},
	    {"12345678\r\r\n", "12345678", true},
	    {"1234567812345678123456781234567812345678\r\n", "12345678", true},
	};
	struct line line;
	struct span text;
	struct error error;
	enum line_ending ending;

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		bool read;

		line_open(&line);
		say(&line, span_text(cases[i].in));
		say(&line, SPAN("next\r\n"));
		read = stream_read_line(
		    &line.ours, 8, loop_deadline(5), &text, &ending, &error);
		assert_int_equal(read, !cases[i].too_long);
		assert_span(text, cases[i].want);
		if (!read)
			assert_int_equal(error.kind, ERROR_LIMIT);
		assert_true(stream_read_line(
		    &line.ours, 8, loop_deadline(5), &text, &ending, &error));
		assert_span(text, "next");
		line_close(&line);
	}
}

static void
idle_stream_owns_nothing(void **state UNUSED)
{
	struct line line;
	struct span text;
	struct error error;
	enum line_ending ending;

	line_open(&line);
	say(&line, SPAN("x\r\n"));
	assert_true(stream_read_line(
	    &line.ours, 100, loop_deadline(5), &text, &ending, &error));
	assert_true(stream_write(
	    &line.ours, SPAN("250 ok\r\n"), loop_deadline(5), &error));
	assert_false(stream_read_line(
	    &line.ours, 100, loop_now() + 10, &text, &ending, &error));
	assert_int_equal(error.kind, ERROR_TIMEOUT);
	assert_null(line.ours.input.at);
	assert_null(line.ours.output.at);
	line_close(&line);
}

static void
hear(struct line *line, const char *want)
{
	char bytes[100];
	ssize_t got = recv(line->theirs, bytes, sizeof bytes, MSG_DONTWAIT);

	if (got < 0)
		got = 0;
	assert_span(span_of(bytes, (size_t)got), want);
}

static void
output_waits_for_flush(void **state UNUSED)
{
	struct line line;
	struct span bytes;
	struct error error;

	line_open(&line);
	assert_true(stream_write(&line.ours, SPAN("one "), 0, &error));
	assert_true(stream_printf(&line.ours, 0, &error, "%d ", 2));
	hear(&line, "");
	assert_true(stream_flush(&line.ours, loop_deadline(5), &error));
	hear(&line, "one 2 ");
	assert_true(stream_write(&line.ours, SPAN("three"), 0, &error));
	assert_false(stream_peek(&line.ours, loop_now() + 5, &bytes, &error));
	hear(&line, "three");
	say(&line, SPAN("abcdef"));
	assert_true(stream_peek(&line.ours, loop_deadline(5), &bytes, &error));
	assert_span(bytes, "abcdef");
	stream_consume(&line.ours, 4);
	assert_true(stream_peek(&line.ours, 0, &bytes, &error));
	assert_span(bytes, "ef");
	line_close(&line);
	assert_false(stream_has_input(&line.ours));
}

static void
hard_deadline_holds(void **state UNUSED)
{
	struct line line;
	struct span bytes;
	struct error error;

	line_open(&line);
	line.ours.hard_deadline = loop_now() + 5;
	assert_false(stream_peek(&line.ours, LOOP_NO_DEADLINE, &bytes, &error));
	assert_int_equal(error.kind, ERROR_TIMEOUT);
	line_close(&line);
}

static void
closed_peer_is_reported(void **state UNUSED)
{
	struct line line;
	struct error error;

	line_open(&line);
	close(line.theirs);
	line.theirs = -1;
	assert_true(stream_write(&line.ours, SPAN("x"), 0, &error));
	assert_false(stream_flush(&line.ours, loop_deadline(5), &error));
	assert_int_equal(error.kind, ERROR_CLOSED);
	line_close(&line);
}

static void
long_text_is_refused(void **state UNUSED)
{
	struct line line;
	struct error error;

	line_open(&line);
	assert_false(stream_printf(&line.ours, loop_deadline(5), &error, "%*d",
	    STREAM_OUTPUT_MAXIMUM + 1, 1));
	assert_int_equal(error.kind, ERROR_LIMIT);
	assert_true(
	    stream_printf(&line.ours, loop_deadline(5), &error, "short"));
	assert_true(stream_flush(&line.ours, loop_deadline(5), &error));
	hear(&line, "short");
	line_close(&line);
}

enum {
	TRANSFER = 700000,
	OFFSET = 1000
};

static char
byte_at(size_t position)
{
	return (char)(position * 31 % 251);
}

static int
make_file(void)
{
	static char bytes[OFFSET + TRANSFER];
	int fd = open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = byte_at(i);
	assert_int_equal(write(fd, bytes, sizeof bytes), sizeof bytes);
	return fd;
}

/* A transfer between two coroutines. */
struct transfer {
	struct stream from;
	struct stream to;
	size_t received;
	bool sent;
};

static ssize_t
layer_read(struct stream *stream, void *bytes, size_t count,
    enum wait_for *want UNUSED)
{
	return read(stream->loop_fd.fd, bytes, count < 700 ? count : 700);
}

static ssize_t
layer_write(struct stream *stream, const void *bytes, size_t count,
    enum wait_for *want UNUSED)
{
	return write(stream->loop_fd.fd, bytes, count < 900 ? count : 900);
}

static const struct stream_layer small_steps = {layer_read, layer_write};

static void
send_file(void *argument)
{
	struct transfer *transfer = argument;
	struct error error;
	int fd = make_file();

	assert_true(stream_write(&transfer->from, SPAN("head"), 0, &error));
	assert_true(
	    stream_send_file(&transfer->from, fd, OFFSET, TRANSFER, 5, &error));
	assert_true(stream_write(&transfer->from, SPAN("."), 0, &error));
	assert_true(stream_flush(&transfer->from, loop_deadline(5), &error));
	assert_false(stream_send_file(
	    &transfer->from, fd, OFFSET + TRANSFER, 1, 5, &error));
	assert_int_equal(error.kind, ERROR_INVALID);
	transfer->sent = true;
	close(fd);
	stream_close(&transfer->from);
}

static void
receive_file(void *argument)
{
	struct transfer *transfer = argument;
	struct span bytes;
	struct error error;
	char head[4];

	assert_true(stream_read(
	    &transfer->to, head, sizeof head, loop_deadline(5), &error));
	assert_memory_equal(head, "head", 4);
	while (stream_peek(&transfer->to, loop_deadline(5), &bytes, &error)) {
		for (size_t i = 0; i < bytes.len; i++) {
			size_t position = transfer->received++;

			assert_int_equal(bytes.at[i],
			    position == TRANSFER ? '.'
						 : byte_at(OFFSET + position));
		}
		stream_consume(&transfer->to, bytes.len);
	}
	assert_int_equal(error.kind, ERROR_CLOSED);
	stream_close(&transfer->to);
	loop_stop();
}

static void
run_transfer(const struct stream_layer *layer)
{
	struct transfer transfer = {0};
	int pair[2];

	assert_int_equal(
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	stream_init(&transfer.from, pair[0]);
	stream_init(&transfer.to, pair[1]);
	transfer.from.layer = layer;
	transfer.to.layer = layer;
	loop_spawn(send_file, &transfer);
	loop_spawn(receive_file, &transfer);
	loop_run();
	assert_true(transfer.sent);
	assert_int_equal(transfer.received, TRANSFER + 1);
	assert_int_equal(coroutine_count(), 0);
}

static void
files_are_sent(void **state UNUSED)
{
	run_transfer(NULL);
	run_transfer(&small_steps);
}

static void
send_then_stall(void *argument)
{
	struct line *line = argument;
	static char much[1 << 20];
	struct error error;

	assert_false(stream_write(
	    &line->ours, span_of(much, sizeof much), loop_now() + 20, &error));
	assert_int_equal(error.kind, ERROR_TIMEOUT);
	loop_stop();
}

static void
stalled_reader_times_out(void **state UNUSED)
{
	struct line line;

	line_open(&line);
	loop_spawn(send_then_stall, &line);
	loop_run();
	line_close(&line);
}

static void
fd_is_handed_over(void **state UNUSED)
{
	struct line line;
	int fd;

	line_open(&line);
	fd = stream_take_fd(&line.ours);
	assert_int_equal(write(fd, "x", 1), 1);
	hear(&line, "x");
	line_close(&line);
	assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
	close(fd);
	stream_close(&(struct stream){0});
	assert_true(fcntl(0, F_GETFD) >= 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(lines_end_as_sent),
	    cmocka_unit_test(long_lines_are_skipped),
	    cmocka_unit_test(idle_stream_owns_nothing),
	    cmocka_unit_test(output_waits_for_flush),
	    cmocka_unit_test(hard_deadline_holds),
	    cmocka_unit_test(closed_peer_is_reported),
	    cmocka_unit_test(long_text_is_refused),
	    cmocka_unit_test(files_are_sent),
	    cmocka_unit_test(stalled_reader_times_out),
	    cmocka_unit_test(fd_is_handed_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
