/* SPDX-License-Identifier: MIT */
#include <sys/mman.h>

#include <errno.h>

#include "local/child/output.h"
#include "workshop.h"

static const struct {
	const char *content;
	const char *plain;
	const char *quoted;
} cases[] = {
    {"", "", ""},
    {"a\r\n", "a\n", "a\n"},
    {"a", "a\n", "a\n"},
    {"\r\n\r\n", "\n\n", "\n\n"},
    {"From me\r\n", "From me\n", ">From me\n"},
    {"a\r\nFrom me\r\nb\r\n", "a\nFrom me\nb\n", "a\n>From me\nb\n"},
    {"From \r\n", "From \n", ">From \n"},
    {"From", "From\n", "From\n"},
    {"From\r\n", "From\n", "From\n"},
    {"From:\r\n", "From:\n", "From:\n"},
    {">From me\r\n", ">From me\n", ">From me\n"},
    {"from me\r\n", "from me\n", "from me\n"},
    {" From me\r\n", " From me\n", " From me\n"},
    {"FromFrom me\r\n", "FromFrom me\n", "FromFrom me\n"},
    {"From From \r\nFrom \r\n", "From From \nFrom \n", ">From From \n>From \n"},
    /* not stored form, but no way to hide a line */
    {"a\nFrom me\n", "a\nFrom me\n", "a\n>From me\n"},
    {"a\rb\r\r\n", "a\rb\r\n", "a\rb\r\n"},
    {"a\r", "a\r\n", "a\r\n"},
    {"\rFrom x\r\n", "\rFrom x\n", "\rFrom x\n"},
};

/* The content in pieces of at most `size` bytes. */
static void
check(struct span content, const char *want, bool quotes, size_t size)
{
	int fd = memfd_create("output", MFD_CLOEXEC);
	struct output output;
	struct error error;
	struct buf written;

	output_init(&output, fd, quotes);
	for (; content.len > 0; content = span_skip(content, size))
		assert_true(
		    output_content(&output, span_head(content, size), &error));
	assert_true(output_end(&output, &error));
	output_finish(&output);
	buf_init(&written, 1 << 20);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	assert_true(io_read_all(fd, &written, &error));
	assert_span(buf_span(&written), want);
	buf_finish(&written);
	close(fd);
}

static void
test_conversion(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		for (size_t size = 1; size < 9; size++) {
			struct span content = span_text(cases[i].content);

			check(content, cases[i].plain, false, size);
			check(content, cases[i].quoted, true, size);
		}
}

/* More than one write takes. */
static void
test_long_line(void **state UNUSED)
{
	size_t size = 300000;
	char *line = calloc(1, size + 3);

	memset(line, 'x', size);
	line[size] = '\n';
	check(span_of(line, size), line, true, 70000);
	free(line);
}

static void
test_full_disk(void **state UNUSED)
{
	int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
	struct output output;
	struct error error;

	output_init(&output, fd, false);
	assert_true(output_content(&output, SPAN("a\r\n"), &error));
	assert_false(output_end(&output, &error));
	assert_int_equal(error.saved_errno, ENOSPC);
	output_finish(&output);
	close(fd);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_conversion),
	    cmocka_unit_test(test_long_line),
	    cmocka_unit_test(test_full_disk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
