/* SPDX-License-Identifier: MIT */
#include "local/child/child.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <sysexits.h>
#include <unistd.h>

#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/loop/loop.h"
#include "lib/mail/reply.h"

#include "local/child/confine.h"
#include "local/child/maildir.h"
#include "local/child/mbox.h"

static const struct kind {
	const char *name; /* in "delivered to" */
	bool (*deliver)(int base_fd, const struct job_settings *settings,
	    const struct job *job, struct reader *reader, struct error *error);
} kinds[] = {
    [JOB_MAILBOX] = {"mailbox", mbox_deliver},
    [JOB_MAILDIR] = {"maildir", maildir_deliver},
};

/* Codes of failures that are not just any (RFC 3463 x.2.2: mailbox full). */
static const struct {
	enum error_kind kind;
	int number; /* of ERROR_SYSTEM */
	uint16_t code;
	const char *status;
} failures[] = {
    {ERROR_SYSTEM, ENOSPC, 452, "4.2.2"},
    {ERROR_SYSTEM, EDQUOT, 452, "4.2.2"},
    {ERROR_SYSTEM, EFBIG, 552, "5.2.2"},
    {ERROR_LIMIT, 0, 552, "5.2.2"},
};

static void
set_failure(
    struct reply *reply, const struct job *job, const struct error *error)
{
	uint16_t code = 451;
	const char *status = "4.2.0";

	for (size_t i = 0; i < COUNT_OF(failures); i++)
		if (failures[i].kind == error->kind &&
		    failures[i].number == error->saved_errno) {
			code = failures[i].code;
			status = failures[i].status;
		}
	if (job->kind == JOB_MAILDIR)
		reply_set(reply, code, status, "maildir delivery failed: %s",
		    error->text);
	else
		reply_set(reply, code, status,
		    "cannot update mailbox %s/%s for user %s. %s", job->base,
		    job->path, job->user, error->text);
}

static void
deliver(const struct job *job, const struct job_settings *settings,
    struct reader *reader, struct reply *reply)
{
	const struct kind *kind = &kinds[job->kind];
	struct error error;
	int base_fd = open(job->base, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool delivered = false;

	if (base_fd < 0)
		error_system(&error, "open %s", job->base);
	else
		delivered =
		    kind->deliver(base_fd, settings, job, reader, &error);
	io_close(&base_fd);
	if (delivered)
		reply_set(reply, 250, "2.0.0", "delivered to %s", kind->name);
	else
		set_failure(reply, job, &error);
}

/* A failed delivery leaves content in the socket, before the next job. */
static bool
skip_rest(struct reader *reader)
{
	struct span piece;

	do {
		if (!reader_next(reader, &piece, NULL))
			return false;
	} while (piece.len > 0);
	return true;
}

static bool
run_job(int fd, struct job *job, const struct job_settings *settings)
{
	struct reader reader;
	struct reply reply;
	bool complete;

	if (!reader_read_all(fd, job, sizeof *job))
		return false;
	reader_init(&reader, fd, job->size);
	memset(&reply, 0, sizeof reply);
	deliver(job, settings, &reader, &reply);
	complete = skip_rest(&reader);
	reader_finish(&reader);
	return complete && io_write(fd, span_of(&reply, sizeof reply), NULL);
}

void
child_run(int fd, const struct identity *identity, const char *base,
    const struct job_settings *settings)
{
	struct job *job = memory_alloc(sizeof *job);
	struct error error;

	loop_signals_reset();
	umask(077);
	if (dup2(fd, STDIN_FILENO) < 0 ||
	    close_range(STDERR_FILENO + 1, ~0U, 0) < 0 ||
	    !identity_assume(identity, &error) ||
	    (settings->confines() && !confine_to(base, &error)))
		_exit(EX_OSERR);
	while (run_job(STDIN_FILENO, job, settings))
		;
	_exit(EX_OK);
}
