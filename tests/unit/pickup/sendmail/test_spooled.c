/* SPDX-License-Identifier: MIT */
#include <sys/mman.h>

#include <unistd.h>

#include "lib/base/io.h"

#include "../../unit.h"
#include "pickup/sendmail/spooled.h"

static const struct {
	const char *in;
	const char *want;
	const char *header;
	bool dot_is_text;
} cases[] = {
    {"", "", "", false},
    {"A: b\n\nbody\n", "A: b\r\n\r\nbody\r\n", "A: b\r\n", false},
    {"A: b\r\n\r\nbody\r\n", "A: b\r\n\r\nbody\r\n", "A: b\r\n", false},
    {"A: b\n\nno end", "A: b\r\n\r\nno end\r\n", "A: b\r\n", false},
    {"A: b\n\n.\nlost\n", "A: b\r\n\r\n", "A: b\r\n", false},
    {"A: b\n\n.\nkept\n", "A: b\r\n\r\n.\r\nkept\r\n", "A: b\r\n", true},
    {"A: b\n\n..\n.x\n", "A: b\r\n\r\n..\r\n.x\r\n", "A: b\r\n", false},
    {".\nlost\n", "", "", false},
    {"From joe Sun\nA: b\n", "A: b\r\n", "A: b\r\n", false},
    {">From joe Sun\nFrom ann\r\nA: b\n", "A: b\r\n", "A: b\r\n", false},
    {"From joe Sun", "", "", false},
    {"From: joe\n\nFrom x\n", "From: joe\r\n\r\nFrom x\r\n", "From: joe\r\n",
	false},
    {">From: x\n", ">From: x\r\n", ">From: x\r\n", false},
    {"From\n", "From\r\n", "From\r\n", false},
    {"\nFrom x\n", "\r\nFrom x\r\n", "", false},
    {">", ">\r\n", ">\r\n", false},
};

static bool
append(void *owner, struct span run)
{
	return buf_append_span(owner, run);
}

/* A descriptor that gives `text` in one piece, or byte by byte. */
static int
input_of(struct span text, bool slowly)
{
	int pipe_fds[2];
	struct error error;

	if (!slowly) {
		int fd = memfd_create("input", 0);

		assert_true(io_pwrite(fd, text, 0, &error));
		return fd;
	}
	assert_int_equal(pipe(pipe_fds), 0);
	if (fork() == 0) {
		for (size_t i = 0; i < text.len; i++) {
			(void)!write(pipe_fds[1], text.at + i, 1);
			usleep(200);
		}
		_exit(0);
	}
	close(pipe_fds[1]);
	return pipe_fds[0];
}

static void
check(size_t i, bool slowly)
{
	struct spooled_settings settings = {
	    .dot_is_text = cases[i].dot_is_text};
	int fd = input_of(span_text(cases[i].in), slowly);
	struct spooled spooled;
	struct error error;
	struct buf text;

	print_message("%zu\n", i);
	buf_init(&text, 10000);
	assert_true(spooled_read(&spooled, fd, &settings, &error));
	assert_true(spooled_replay(&spooled, append, &text, &error));
	assert_span(buf_span(&text), cases[i].want);
	assert_span(buf_span(&spooled.header), cases[i].header);
	spooled_finish(&spooled);
	buf_finish(&text);
	close(fd);
}

static void
test_table(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		check(i, false);
}

static void
test_slow_writer(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		check(i, true);
}

enum {
	LARGE = 3 * SPOOLED_MEMORY_MAXIMUM
};

static int
large_input(void)
{
	int fd = memfd_create("input", 0);
	char line[100];
	struct error error;

	memset(line, 'x', sizeof line);
	line[sizeof line - 2] = '\r';
	line[sizeof line - 1] = '\n';
	for (off_t at = 0; at < LARGE; at += (off_t)sizeof line)
		assert_true(
		    io_pwrite(fd, span_of(line, sizeof line), at, &error));
	return fd;
}

static void
test_large(void **state UNUSED)
{
	struct spooled_settings settings = {.dot_is_text = true};
	struct spooled spooled;
	struct error error;
	struct buf text, want;
	int fd = large_input();

	buf_init(&want, 2 * LARGE);
	buf_init(&text, 2 * LARGE);
	assert_true(io_read_all(fd, &want, &error));
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	assert_true(spooled_read(&spooled, fd, &settings, &error));
	assert_true(spooled.fd >= 0);
	assert_true(spooled_replay(&spooled, append, &text, &error));
	assert_true(span_equal(buf_span(&text), buf_span(&want)));
	spooled_finish(&spooled);
	buf_finish(&text);
	buf_finish(&want);
	close(fd);
}

static void
test_limit(void **state UNUSED)
{
	struct spooled_settings settings = {.maximum = LARGE / 2};
	struct spooled spooled;
	struct error error;
	int fd = large_input();

	assert_false(spooled_read(&spooled, fd, &settings, &error));
	assert_int_equal(error.kind, ERROR_LIMIT);
	spooled_finish(&spooled);
	close(fd);
}

static void
test_bad_input(void **state UNUSED)
{
	struct spooled_settings settings = {.maximum = 0};
	struct spooled spooled;
	struct error error;

	assert_false(spooled_read(&spooled, -1, &settings, &error));
	assert_int_equal(error.kind, ERROR_SYSTEM);
	spooled_finish(&spooled);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_table),
	    cmocka_unit_test(test_slow_writer),
	    cmocka_unit_test(test_large),
	    cmocka_unit_test(test_limit),
	    cmocka_unit_test(test_bad_input),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
