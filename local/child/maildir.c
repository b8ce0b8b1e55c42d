/* SPDX-License-Identifier: MIT */
#include "local/child/maildir.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/io.h"

#include "local/child/directory.h"
#include "local/child/output.h"

/* One delivery. */
struct maildir {
	int new_fd;
	int tmp_fd;
	int fd; /* of the file in tmp/ */
	char tmp_name[NAME_MAX];
	char new_name[NAME_MAX];
};

static bool
open_parts(struct maildir *maildir, int base_fd, const struct job *job,
    bool strict, struct error *error)
{
	int top_fd = directory_open(base_fd, span_text(job->path), error);
	int cur_fd = -1;

	if (top_fd < 0)
		return false;
	maildir->tmp_fd = directory_open_own(top_fd, "tmp", strict, error);
	if (maildir->tmp_fd >= 0)
		maildir->new_fd =
		    directory_open_own(top_fd, "new", strict, error);
	if (maildir->new_fd >= 0)
		cur_fd = directory_open_own(top_fd, "cur", strict, error);
	io_close(&top_fd);
	if (cur_fd < 0)
		return false;
	io_close(&cur_fd);
	return true;
}

/* Unique among all that deliver here: time and process before the file exists,
 * the file itself afterwards. */
static bool
create_file(
    struct maildir *maildir, const char *host, int64_t now, struct error *error)
{
	struct stat status;

	snprintf(maildir->tmp_name, sizeof maildir->tmp_name,
	    "%" PRId64 ".M%06" PRId64 "P%d.%s", now / CLOCK_SECOND,
	    now % CLOCK_SECOND, (int)getpid(), host);
	maildir->fd = openat(maildir->tmp_fd, maildir->tmp_name,
	    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (maildir->fd < 0 || fstat(maildir->fd, &status) < 0)
		return error_system(error, "create tmp/%s", maildir->tmp_name);
	snprintf(maildir->new_name, sizeof maildir->new_name,
	    "%" PRId64 ".V%" PRIx64 "I%" PRIx64 "M%" PRId64 ".%s",
	    now / CLOCK_SECOND, (uint64_t)status.st_dev,
	    (uint64_t)status.st_ino, now % CLOCK_SECOND, host);
	return true;
}

static bool
write_file(struct maildir *maildir, struct reader *reader, struct error *error)
{
	struct output output;
	struct span piece;
	bool written;

	output_init(&output, maildir->fd, false);
	do {
		written = reader_next(reader, &piece, error) &&
		    output_content(&output, piece, error);
	} while (written && piece.len > 0);
	written = written && output_end(&output, error);
	output_finish(&output);
	if (!written)
		return false;
	return fsync(maildir->fd) == 0 || error_system(error, "fsync");
}

/* link(2) never replaces a file; what the directory has not on disk is taken
 * back. */
static bool
publish(struct maildir *maildir, struct error *error)
{
	if (linkat(maildir->tmp_fd, maildir->tmp_name, maildir->new_fd,
		maildir->new_name, 0) < 0)
		return error_system(error, "create new/%s", maildir->new_name);
	if (fsync(maildir->new_fd) == 0)
		return true;
	error_system(error, "fsync of new");
	(void)unlinkat(maildir->new_fd, maildir->new_name, 0);
	return false;
}

bool
maildir_deliver(int base_fd, const struct job_settings *settings,
    const struct job *job, struct reader *reader, struct error *error)
{
	struct maildir maildir = {.new_fd = -1, .tmp_fd = -1, .fd = -1};
	bool delivered = true;

	if (job->limit > 0 && job->size > job->limit)
		return error_set(error, ERROR_LIMIT,
		    "the message is larger than %" PRIu64 " bytes", job->limit);
	delivered = open_parts(&maildir, base_fd, job,
			settings->strict_ownership, error) &&
	    create_file(&maildir, settings->host, clock_wall(), error) &&
	    write_file(&maildir, reader, error) && publish(&maildir, error);
	if (maildir.fd >= 0)
		(void)unlinkat(maildir.tmp_fd, maildir.tmp_name, 0);
	io_close(&maildir.fd);
	io_close(&maildir.tmp_fd);
	io_close(&maildir.new_fd);
	return delivered;
}
