/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "lib/base/io.h"

#include "../../unit.h"

static int
temporary_file(void)
{
	int fd = open("/tmp", O_RDWR | O_TMPFILE | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	return fd;
}

static void
test_write_and_read(void **state UNUSED)
{
	int fd = temporary_file();
	struct error error;
	char bytes[4];

	assert_true(io_write(fd, SPAN("abcdef"), &error));
	assert_true(io_pwrite(fd, SPAN("XY"), 2, &error));
	assert_true(io_pread(fd, bytes, 4, 1, &error));
	assert_memory_equal(bytes, "bXYe", 4);
	assert_false(io_pread(fd, bytes, 4, 3, &error));
	assert_int_equal(error.kind, ERROR_CLOSED);
	io_close(&fd);
	assert_int_equal(fd, -1);
	io_close(&fd);
	assert_false(io_write(fd, SPAN("x"), &error));
	assert_int_equal(error.saved_errno, EBADF);
	assert_false(io_pwrite(fd, SPAN("x"), 0, &error));
	assert_false(io_pread(fd, bytes, 1, 0, &error));
	assert_int_equal(error.saved_errno, EBADF);
}

static const struct {
	size_t length;
	size_t maximum;
	bool fits;
} sizes[] = {
    {0, 0, true},
    {1, 0, false},
    {100, 100, true},
    {101, 100, false},
    {16384, 16384, true},
    {16385, 16384, false},
    {50000, 100000, true},
};

static void
test_read_all(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(sizes); i++) {
		int fd = temporary_file();
		struct error error;
		struct buf buf;

		assert_int_equal(ftruncate(fd, (off_t)sizes[i].length), 0);
		buf_init(&buf, sizes[i].maximum);
		assert_int_equal(io_read_all(fd, &buf, &error), sizes[i].fits);
		if (sizes[i].fits)
			assert_int_equal(buf.len, sizes[i].length);
		else
			assert_int_equal(error.kind, ERROR_LIMIT);
		buf_finish(&buf);
		io_close(&fd);
	}
}

static void
test_read_file(void **state UNUSED)
{
	struct error error;
	struct buf buf;

	buf_init(&buf, 100000);
	assert_true(io_read_file(AT_FDCWD, "/proc/self/stat", &buf, &error));
	assert_true(buf.len > 10);
	assert_false(io_read_file(AT_FDCWD, "/nonexistent", &buf, &error));
	assert_int_equal(error.saved_errno, ENOENT);
	assert_non_null(strstr(error.text, "/nonexistent"));
	assert_false(io_read_file(AT_FDCWD, "/tmp", &buf, &error));
	assert_int_equal(error.saved_errno, EISDIR);
	assert_non_null(strstr(error.text, "/tmp"));
	buf_finish(&buf);
}

static void
test_close_keeps_errno(void **state UNUSED)
{
	int fd = 99;

	errno = ENOSPC;
	io_close(&fd);
	assert_int_equal(errno, ENOSPC);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_write_and_read),
	    cmocka_unit_test(test_read_all),
	    cmocka_unit_test(test_read_file),
	    cmocka_unit_test(test_close_keeps_errno),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
