/* SPDX-License-Identifier: MIT */
#include "lib/base/io.h"

#include <sys/fsuid.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <sysexits.h>
#include <unistd.h>

enum {
	READ_SIZE = 16384
};

bool
io_write(int fd, struct span bytes, struct error *error)
{
	while (bytes.len > 0) {
		ssize_t put = write(fd, bytes.at, bytes.len);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return error_system(error, "write");
		bytes = span_skip(bytes, (size_t)put);
	}
	return true;
}

bool
io_pwrite(int fd, struct span bytes, off_t offset, struct error *error)
{
	while (bytes.len > 0) {
		ssize_t put = pwrite(fd, bytes.at, bytes.len, offset);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return error_system(error, "write");
		bytes = span_skip(bytes, (size_t)put);
		offset += put;
	}
	return true;
}

bool
io_pread(int fd, void *bytes, size_t count, off_t offset, struct error *error)
{
	char *at = bytes;

	while (count > 0) {
		ssize_t got = pread(fd, at, count, offset);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return error_system(error, "read");
		if (got == 0)
			return error_set(
			    error, ERROR_CLOSED, "unexpected end of file");
		at += got;
		offset += got;
		count -= (size_t)got;
	}
	return true;
}

/* Tells a file of exactly the maximum from a longer one. */
static bool
is_at_end(int fd)
{
	char byte;
	ssize_t got;

	do
		got = read(fd, &byte, 1);
	while (got < 0 && errno == EINTR);
	return got == 0;
}

bool
io_read_all(int fd, struct buf *buf, struct error *error)
{
	for (;;) {
		size_t room = buf->maximum - buf->len;
		size_t wanted = room < READ_SIZE ? room : READ_SIZE;
		char *end = buf_reserve(buf, wanted);
		ssize_t got;

		must(end != NULL);
		if (wanted == 0) {
			if (is_at_end(fd))
				return true;
			return error_set(error, ERROR_LIMIT,
			    "longer than %zu bytes", buf->maximum);
		}
		got = read(fd, end, wanted);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return error_system(error, "read");
		if (got == 0)
			return true;
		buf_grew(buf, (size_t)got);
	}
}

int
io_open_as_owner(int directory_fd, const char *path, int flags)
{
	struct stat status;
	int number;
	int fd;

	if (geteuid() != 0 ||
	    fstatat(directory_fd, path, &status, AT_SYMLINK_NOFOLLOW) < 0)
		return openat(directory_fd, path, flags);
	(void)setfsgid(status.st_gid);
	if ((status.st_mode & S_IRUSR) != 0)
		(void)setfsuid(status.st_uid);
	fd = openat(directory_fd, path, flags);
	number = errno;
	(void)setfsuid(geteuid());
	(void)setfsgid(getegid());
	errno = number;
	return fd;
}

bool
io_read_file(
    int directory_fd, const char *path, struct buf *buf, struct error *error)
{
	int fd = openat(directory_fd, path, O_RDONLY | O_CLOEXEC);
	bool complete;

	if (fd < 0)
		return error_system(error, "open %s", path);
	complete =
	    io_read_all(fd, buf, error) || error_prefix(error, "%s", path);
	io_close(&fd);
	return complete;
}

void
io_give_up(const char *what)
{
	fatal(EX_OSERR, "%s: %s", what, strerror(errno));
}

void
io_close(int *fd)
{
	int saved_errno = errno;

	if (*fd >= 0)
		(void)close(*fd);
	*fd = -1;
	errno = saved_errno;
}
