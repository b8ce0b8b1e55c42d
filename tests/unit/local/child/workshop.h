/* SPDX-License-Identifier: MIT */
/* A directory for mailboxes, and a job with content to deliver to one. */
#ifndef UNIT_CHILD_WORKSHOP_H
#define UNIT_CHILD_WORKSHOP_H

#include <sys/socket.h>
#include <sys/stat.h>

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <unistd.h>

#include "lib/base/io.h"

#include "../../unit.h"
#include "local/child/job.h"
#include "local/child/reader.h"

struct workshop {
	char path[64];
	int fd; /* of the directory */
	struct job_settings settings;
};

typedef bool workshop_deliver(int base_fd, const struct job_settings *settings,
    const struct job *job, struct reader *reader, struct error *error);

static inline int
workshop_setup(void **state)
{
	struct workshop *workshop = calloc(1, sizeof *workshop);

	snprintf(workshop->path, sizeof workshop->path, "%s",
	    "/tmp/postern-mailbox-XXXXXX");
	if (mkdtemp(workshop->path) == NULL)
		return -1;
	workshop->fd = open(workshop->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	workshop->settings = (struct job_settings){
	    .host = "mx.example",
	    .strict_ownership = true,
	    .uses_fcntl = true,
	    .uses_dotlock = true,
	    .lock_attempts = 2,
	    .stale_time = 500,
	};
	*state = workshop;
	return workshop->fd < 0 ? -1 : 0;
}

static inline int
workshop_remove(const char *path, const struct stat *status UNUSED,
    int type UNUSED, struct FTW *walk UNUSED)
{
	return remove(path);
}

static inline int
workshop_teardown(void **state)
{
	struct workshop *workshop = *state;
	int result =
	    nftw(workshop->path, workshop_remove, 10, FTW_DEPTH | FTW_PHYS);

	close(workshop->fd);
	free(workshop);
	return result;
}

static inline const char *
workshop_name(const struct workshop *workshop, const char *name, char *path)
{
	snprintf(path, PATH_MAX, "%s/%s", workshop->path, name);
	return path;
}

/* Delivers `content` to `path`, or the part of it that launcher sends before it
 * gives up, when `missing` bytes are not. */
static inline bool
workshop_run(struct workshop *workshop, workshop_deliver *deliver,
    struct job *job, const char *content, size_t missing, struct error *error)
{
	struct span sent = span_text(content);
	struct reader reader;
	int pair[2];
	bool delivered;

	assert_int_equal(
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	job->size = sent.len;
	sent = span_head(sent, sent.len - missing);
	assert_true(io_write(pair[0], sent, error));
	close(pair[0]);
	reader_init(&reader, pair[1], job->size);
	delivered =
	    deliver(workshop->fd, &workshop->settings, job, &reader, error);
	reader_finish(&reader);
	close(pair[1]);
	return delivered;
}

static inline struct job *
workshop_job(const char *path)
{
	static struct job job;

	memset(&job, 0, sizeof job);
	snprintf(job.path, sizeof job.path, "%s", path);
	snprintf(job.sender, sizeof job.sender, "joe@example.org");
	return &job;
}

static inline void
workshop_write(
    const struct workshop *workshop, const char *name, const char *content)
{
	int fd = openat(
	    workshop->fd, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_true(io_write(fd, span_text(content), NULL));
	close(fd);
}

/* The file's content, in static memory. */
static inline struct span
workshop_read(const struct workshop *workshop, const char *name)
{
	static struct buf content;
	struct error error;

	buf_finish(&content);
	buf_init(&content, 1 << 20);
	if (!io_read_file(workshop->fd, name, &content, &error))
		fail_msg("%s: %s", name, error.text);
	return buf_span(&content);
}

/* Entries of a directory; *last gets the name of one of them. */
static inline unsigned
workshop_count(
    const struct workshop *workshop, const char *name, char last[NAME_MAX + 1])
{
	char path[PATH_MAX];
	DIR *directory = opendir(workshop_name(workshop, name, path));
	struct dirent *entry;
	unsigned count = 0;

	if (directory == NULL)
		return 0;
	while ((entry = readdir(directory)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(last, NAME_MAX + 1, "%s", entry->d_name);
		count++;
	}
	closedir(directory);
	return count;
}

#endif
