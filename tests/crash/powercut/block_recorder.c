/* SPDX-License-Identifier: MIT */
/* A file system of a few files, the images of block devices, that writes down
 * what is done to them:
 *
 *	block_recorder LOG MOUNTPOINT IMAGE...
 *
 * Image number n is the file /n. What is written to /marks goes to the log as
 * well, between what the devices did before and after it. A record of the log
 *is a struct record in the order of the machine, and the bytes of a write or
 *mark behind it. Requests are served one after the other, so the log has the
 *order in which a device would have seen them, and a flush covers all above it.
 */
#define FUSE_USE_VERSION 31

#include <sys/stat.h>
#include <sys/uio.h>

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <fuse3/fuse.h>
#include <sysexits.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/number.h"

enum {
	IMAGES_MAXIMUM = 8,
	WRITE_MAXIMUM = 1 << 20,
	MARKS = IMAGES_MAXIMUM /* the number of the file of marks */
};

enum kind {
	KIND_WRITE,
	KIND_FLUSH,
	KIND_MARK
};

struct record {
	uint32_t kind;
	uint32_t image;
	uint64_t offset;
	uint64_t length; /* of the bytes that follow */
	int64_t time;    /* clock_wall */
};

static struct {
	int log_fd;
	unsigned count;
	int fds[IMAGES_MAXIMUM];
} recorder;

/* The number of an image, MARKS, or -1. */
static int
find(const char *path)
{
	uint64_t number;

	if (strcmp(path, "/marks") == 0)
		return MARKS;
	if (path[0] != '/' || recorder.count == 0 ||
	    !number_parse(span_text(path + 1), recorder.count - 1, &number))
		return -1;
	return (int)number;
}

/* Without its log a recording is worth nothing: no way on. */
static void
record(enum kind kind, uint64_t image, uint64_t offset, struct span bytes)
{
	struct record head = {
	    .kind = kind,
	    .image = (uint32_t)image,
	    .offset = offset,
	    .length = bytes.len,
	    .time = clock_wall(),
	};
	struct iovec parts[] = {
	    {&head, sizeof head},
	    {(char *)(uintptr_t)bytes.at, bytes.len},
	};

	if (writev(recorder.log_fd, parts, 2) !=
	    (ssize_t)(sizeof head + bytes.len))
		err(EX_IOERR, "write the log");
}

static int
get_attributes(
    const char *path, struct stat *status, struct fuse_file_info *file UNUSED)
{
	int number = find(path);

	*status = (struct stat){.st_mode = S_IFDIR | 0755, .st_nlink = 2};
	if (strcmp(path, "/") == 0)
		return 0;
	if (number < 0)
		return -ENOENT;
	if (number != MARKS && fstat(recorder.fds[number], status) < 0)
		return -errno;
	status->st_mode = S_IFREG | 0600;
	status->st_nlink = 1;
	return 0;
}

/* Every write shall be seen, in its order: none stays in the page cache. */
static int
open_file(const char *path, struct fuse_file_info *file)
{
	int number = find(path);

	if (number < 0)
		return -ENOENT;
	file->fh = (uint64_t)number;
	file->direct_io = 1;
	return 0;
}

static int
read_file(const char *path UNUSED, char *bytes, size_t count, off_t offset,
    struct fuse_file_info *file)
{
	ssize_t got;

	if (file->fh == MARKS)
		return 0;
	got = pread(recorder.fds[file->fh], bytes, count, offset);
	return got < 0 ? -errno : (int)got;
}

static int
write_file(const char *path UNUSED, const char *bytes, size_t count,
    off_t offset, struct fuse_file_info *file)
{
	if (file->fh == MARKS) {
		record(KIND_MARK, MARKS, 0, span_of(bytes, count));
		return (int)count;
	}
	if (pwrite(recorder.fds[file->fh], bytes, count, offset) !=
	    (ssize_t)count)
		return -EIO;
	record(KIND_WRITE, file->fh, (uint64_t)offset, span_of(bytes, count));
	return (int)count;
}

static int
sync_file(
    const char *path UNUSED, int data_only UNUSED, struct fuse_file_info *file)
{
	if (file->fh != MARKS)
		record(KIND_FLUSH, file->fh, 0, SPAN_EMPTY);
	return 0;
}

/* A mark is written with O_TRUNC by whoever uses a shell. */
static int
truncate_file(
    const char *path, off_t size UNUSED, struct fuse_file_info *file UNUSED)
{
	return find(path) == MARKS ? 0 : -EPERM;
}

static void *
begin(struct fuse_conn_info *connection, struct fuse_config *config)
{
	connection->max_write = WRITE_MAXIMUM;
	config->nullpath_ok = 0;
	return NULL;
}

static const struct fuse_operations operations = {
    .init = begin,
    .getattr = get_attributes,
    .open = open_file,
    .read = read_file,
    .write = write_file,
    .fsync = sync_file,
    .truncate = truncate_file,
};

int
main(int argc, char **argv)
{
	char foreground[] = "-f", one_thread[] = "-s";
	char *options[] = {argv[0], foreground, one_thread, NULL, NULL};

	if (argc < 4 || argc - 3 > IMAGES_MAXIMUM)
		errx(EX_USAGE, "usage: block_recorder log mountpoint image...");
	recorder.log_fd = open(
	    argv[1], O_WRONLY | O_CREAT | O_APPEND | O_TRUNC | O_CLOEXEC, 0600);
	if (recorder.log_fd < 0)
		err(EX_CANTCREAT, "%s", argv[1]);
	for (char **image = argv + 3; *image != NULL; image++) {
		int fd = open(*image, O_RDWR | O_CLOEXEC);

		if (fd < 0)
			err(EX_NOINPUT, "%s", *image);
		recorder.fds[recorder.count++] = fd;
	}
	options[3] = argv[2];
	return fuse_main(4, options, &operations, NULL);
}
