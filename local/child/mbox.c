/* SPDX-License-Identifier: MIT */
#include "local/child/mbox.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/io.h"
#include "lib/mail/date.h"

#include "local/child/directory.h"
#include "local/child/mbox_lock.h"
#include "local/child/output.h"

/* One delivery. */
struct mbox {
	const struct job_settings *settings;
	int directory_fd;
	char name[NAME_MAX + 1]; /* in the directory */
	int fd;
	bool is_new;
	off_t size; /* before the delivery */
	struct mbox_lock lock;
};

/* The part of the path before the name is a directory, made if missing. */
static bool
open_directory(
    struct mbox *mbox, int base_fd, const struct job *job, struct error *error)
{
	struct span path = span_text(job->path);
	size_t slash = span_find_last(path, '/');
	struct span name = path;
	struct span parent = SPAN_EMPTY;

	if (slash < path.len) {
		parent = span_head(path, slash);
		name = span_skip(path, slash + 1);
	}
	if (name.len == 0 || name.len > NAME_MAX ||
	    span_equal(name, SPAN("..")))
		return error_set(error, ERROR_INVALID, "bad name in a path");
	snprintf(mbox->name, sizeof mbox->name, "%.*s", SPAN_ARGS(name));
	mbox->directory_fd = directory_open(base_fd, parent, error);
	return mbox->directory_fd >= 0;
}

/* A device, FIFO or link is not waited for and not followed. */
static bool
open_file(struct mbox *mbox, struct error *error)
{
	const int flags =
	    O_RDWR | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;

	mbox->fd = openat(mbox->directory_fd, mbox->name, flags);
	if (mbox->fd < 0 && errno == ENOENT) {
		mbox->fd = openat(mbox->directory_fd, mbox->name,
		    flags | O_CREAT | O_EXCL, 0600);
		mbox->is_new = mbox->fd >= 0;
	}
	/* Another delivery has just made it. */
	if (mbox->fd < 0 && errno == EEXIST)
		mbox->fd = openat(mbox->directory_fd, mbox->name, flags);
	return mbox->fd >= 0 || error_system(error, "open");
}

static bool
check_file(const struct mbox *mbox, struct stat *status, struct error *error)
{
	if (fstat(mbox->fd, status) < 0)
		return error_system(error, "stat");
	if (!S_ISREG(status->st_mode))
		return error_set(error, ERROR_INVALID,
		    "destination %s is not a regular file", mbox->name);
	if (mbox->settings->strict_ownership && status->st_uid != geteuid())
		return error_set(error, ERROR_INVALID,
		    "destination %s is not owned by recipient", mbox->name);
	return true;
}

/* Somebody may have replaced the file while we waited for its lock. */
static bool
is_in_place(const struct mbox *mbox, const struct stat *status)
{
	struct stat now;

	return fstatat(mbox->directory_fd, mbox->name, &now,
		   AT_SYMLINK_NOFOLLOW) == 0 &&
	    now.st_dev == status->st_dev && now.st_ino == status->st_ino;
}

static enum mbox_lock_result
try_once(struct mbox *mbox, struct error *error)
{
	enum mbox_lock_result result;
	struct stat status;

	if (!open_file(mbox, error) || !check_file(mbox, &status, error))
		return MBOX_LOCK_FAILED;
	result = mbox_lock_try(&mbox->lock, mbox->settings, mbox->directory_fd,
	    mbox->name, mbox->fd, error);
	if (result == MBOX_LOCKED && !is_in_place(mbox, &status)) {
		mbox_lock_release(&mbox->lock);
		result = MBOX_LOCK_BUSY;
	}
	if (result == MBOX_LOCKED && !check_file(mbox, &status, error))
		result = MBOX_LOCK_FAILED;
	mbox->size = status.st_size;
	return result;
}

static bool
open_locked(struct mbox *mbox, struct error *error)
{
	const struct job_settings *settings = mbox->settings;

	for (unsigned i = 0; i < settings->lock_attempts; i++) {
		if (i > 0)
			(void)sleep(settings->lock_delay);
		switch (try_once(mbox, error)) {
		case MBOX_LOCKED:
			return true;
		case MBOX_LOCK_FAILED:
			return false;
		case MBOX_LOCK_BUSY:
			io_close(&mbox->fd);
		}
	}
	return error_set(error, ERROR_TEMPORARY,
	    "unable to lock for exclusive access: it is busy");
}

/* The last message may lack its line end when its writer was killed. */
static bool
needs_line_end(const struct mbox *mbox)
{
	char last;

	/* What cannot be read cannot be continued either: begin a line. */
	return mbox->size > 0 &&
	    (!io_pread(mbox->fd, &last, 1, mbox->size - 1, NULL) ||
		last != '\n');
}

static bool
write_from_line(
    struct output *output, const struct job *job, struct error *error)
{
	char date[DATE_TEXT_SIZE];

	(void)date_format_mbox(clock_wall(), date);
	return output_text(output, "From ", error) &&
	    output_text(output, job->sender, error) &&
	    output_text(output, "  ", error) &&
	    output_text(output, date, error) &&
	    output_text(output, "\n", error);
}

static bool
write_message(struct mbox *mbox, const struct job *job, struct reader *reader,
    struct error *error)
{
	struct output output;
	struct span piece;
	bool written;

	output_init(&output, mbox->fd, true);
	written =
	    (!needs_line_end(mbox) || output_text(&output, "\n", error)) &&
	    write_from_line(&output, job, error);
	do {
		written = written && reader_next(reader, &piece, error) &&
		    output_content(&output, piece, error);
	} while (written && piece.len > 0);
	/* An empty line ends the message. */
	written = written && output_end(&output, error) &&
	    output_text(&output, "\n", error) && output_end(&output, error);
	output_finish(&output);
	return written;
}

static bool
make_durable(const struct mbox *mbox, struct error *error)
{
	if (fsync(mbox->fd) < 0 ||
	    (mbox->is_new && fsync(mbox->directory_fd) < 0))
		return error_system(error, "fsync");
	return true;
}

static bool
append(struct mbox *mbox, const struct job *job, struct reader *reader,
    struct error *error)
{
	if (job->limit > 0 && (uint64_t)mbox->size + job->size > job->limit)
		return error_set(error, ERROR_LIMIT,
		    "the mailbox would be larger than %" PRIu64 " bytes",
		    job->limit);
	if (write_message(mbox, job, reader, error) &&
	    make_durable(mbox, error))
		return true;
	if (ftruncate(mbox->fd, mbox->size) < 0 || fsync(mbox->fd) < 0)
		error_prefix(error, "part of the message is left");
	return false;
}

bool
mbox_deliver(int base_fd, const struct job_settings *settings,
    const struct job *job, struct reader *reader, struct error *error)
{
	struct mbox mbox = {.settings = settings, .directory_fd = -1, .fd = -1};
	bool delivered = open_directory(&mbox, base_fd, job, error) &&
	    open_locked(&mbox, error) && append(&mbox, job, reader, error);

	mbox_lock_release(&mbox.lock);
	io_close(&mbox.fd);
	io_close(&mbox.directory_fd);
	return delivered;
}
