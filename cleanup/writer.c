/* SPDX-License-Identifier: MIT */
#include "cleanup/writer.h"

#include "lib/loop/offload.h"

#include "cleanup/committer.h"

struct writer_job {
	struct put *put;
	bool (*act)(struct put *put, struct error *error);
	bool done;
	struct error *error;
};

static void
run_job(void *argument)
{
	struct writer_job *job = argument;

	job->done = job->act(job->put, job->error);
}

static bool
run(struct writer *writer, bool (*act)(struct put *put, struct error *error),
    struct error *error)
{
	struct writer_job job = {writer->put, act, false, error};

	writer->spilled = true;
	offload_run(run_job, &job);
	return job.done;
}

static bool
make_room(struct writer *writer, struct error *error)
{
	return !put_wants_flush(writer->put) || run(writer, put_flush, error);
}

static bool
fail_limit(struct error *error)
{
	return error_set(error, ERROR_LIMIT,
	    "the message passes a limit of "
	    "the queue file");
}

void
writer_open(struct writer *writer, struct store *store,
    const struct queue_id *id, int64_t arrival)
{
	*writer = (struct writer){.put = put_create(store, id, arrival)};
}

static void
close_put(void *argument)
{
	put_close(argument);
}

/* Removing a file blocks. Closing one that is synced does not, and two threads
 * would pay more for handing it over. */
void
writer_close(struct writer *writer)
{
	if (writer->spilled)
		offload_start(close_put, NULL, writer->put);
	else
		put_close(writer->put);
	writer->put = NULL;
}

bool
writer_recipient(struct writer *writer,
    const struct stored_recipient *recipient, uint32_t *number,
    struct error *error)
{
	return make_room(writer, error) &&
	    (put_recipient(writer->put, recipient, number) ||
		fail_limit(error));
}

bool
writer_body(struct writer *writer, struct span bytes, struct error *error)
{
	while (bytes.len > 0) {
		struct span part = span_head(bytes, PUT_APPEND_MAXIMUM);

		if (!make_room(writer, error))
			return false;
		if (!put_body(writer->put, part))
			return fail_limit(error);
		bytes = span_skip(bytes, part.len);
	}
	return true;
}

bool
writer_attribute(struct writer *writer, enum attribute attribute,
    struct span value, struct error *error)
{
	return value.len == 0 || put_attribute(writer->put, attribute, value) ||
	    fail_limit(error);
}

static bool
commit(struct put *put, struct error *error)
{
	struct locator locator;

	return put_commit(put, &locator, error);
}

bool
writer_commit(struct writer *writer, struct error *error)
{
	switch (committer_commit(writer->put, error)) {
	case COMMITTER_DURABLE:
		return true;
	case COMMITTER_FAILED:
		return false;
	case COMMITTER_NO_ROOM:
		break;
	}
	writer->spilled = !run(writer, commit, error);
	return !writer->spilled;
}
