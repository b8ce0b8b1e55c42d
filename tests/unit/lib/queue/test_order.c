/* SPDX-License-Identifier: MIT */
/* The order in which the disk is told things, which is what survives a power
 * cut: the calls of lib/queue pass through here and are written down. */
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#include <errno.h>
#include <stdio.h>

#include "segment_fixture.h"

enum {
	PATH_SIZE = 256,
	TRACE_SIZE = 8192
};

/* Lines "call path [path]", below the queue directory, with M for the id of the
 * message; a line that repeats the one before is left out. */
static struct {
	bool is_on;
	char root[PATH_SIZE];
	const char *id;
	char text[TRACE_SIZE];
	char last[2 * PATH_SIZE];
} trace;

/* ---- writing down ---- */

/* The path of `name` in the directory, or of the descriptor. */
static void
path_of(int fd, const char *name, char path[PATH_SIZE])
{
	char link[40], target[PATH_SIZE] = "";
	const char *at = target, *id;
	ssize_t len;

	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	len = readlink(link, target, sizeof target - 1);
	target[len < 0 ? 0 : len] = '\0';
	if (strncmp(target, trace.root, strlen(trace.root)) == 0)
		at += strlen(trace.root);
	snprintf(path, PATH_SIZE, "%s%s%s", at + (*at == '/'),
	    name == NULL ? "" : "/", name == NULL ? "" : name);
	id = trace.id == NULL ? NULL : strstr(path, trace.id);
	if (id != NULL)
		snprintf(
		    path + (id - path), PATH_SIZE - (size_t)(id - path), "M");
}

static void
note(const char *call, const char *path, const char *other)
{
	char line[2 * PATH_SIZE + 40];
	size_t len = strlen(trace.text);

	snprintf(line, sizeof line, "%s %s%s%s\n", call, path,
	    other == NULL ? "" : " ", other == NULL ? "" : other);
	if (strcmp(line, trace.last) == 0)
		return;
	snprintf(trace.last, sizeof trace.last, "%s", line);
	assert_true(len + strlen(line) < TRACE_SIZE);
	snprintf(trace.text + len, TRACE_SIZE - len, "%s", line);
}

static void
note_descriptor(const char *call, int fd)
{
	int saved_errno = errno;
	char path[PATH_SIZE];

	if (!trace.is_on)
		return;
	path_of(fd, NULL, path);
	note(call, path, NULL);
	errno = saved_errno;
}

static void
note_name(const char *call, int directory, const char *name)
{
	int saved_errno = errno;
	char path[PATH_SIZE];

	if (!trace.is_on)
		return;
	path_of(directory, name, path);
	note(call, path, NULL);
	errno = saved_errno;
}

/* ---- in place of those of the C library ---- */

int
fsync(int fd)
{
	note_descriptor("fsync", fd);
	return (int)syscall(SYS_fsync, fd);
}

int
fdatasync(int fd)
{
	note_descriptor("fdatasync", fd);
	return (int)syscall(SYS_fdatasync, fd);
}

ssize_t
pwrite(int fd, const void *bytes, size_t count, off_t offset)
{
	note_descriptor(offset == 0 ? "begin" : "write", fd);
	return (ssize_t)syscall(SYS_pwrite64, fd, bytes, count, offset);
}

ssize_t
pwritev(int fd, const struct iovec *parts, int count, off_t offset)
{
	note_descriptor(offset == 0 ? "begin" : "write", fd);
	return (ssize_t)syscall(SYS_pwritev, fd, parts, count, offset, 0);
}

int
mkdirat(int directory, const char *name, mode_t mode)
{
	int result = (int)syscall(SYS_mkdirat, directory, name, mode);

	if (result == 0)
		note_name("mkdir", directory, name);
	return result;
}

int
unlinkat(int directory, const char *name, int flags)
{
	int result = (int)syscall(SYS_unlinkat, directory, name, flags);

	if (result == 0)
		note_name("unlink", directory, name);
	return result;
}

int
renameat2(int from, const char *old, int to, const char *new, unsigned flags)
{
	int result = (int)syscall(SYS_renameat2, from, old, to, new, flags);
	int saved_errno = errno;
	char before[PATH_SIZE], after[PATH_SIZE];

	if (result == 0 && trace.is_on) {
		path_of(from, old, before);
		path_of(to, new, after);
		note("rename", before, after);
	}
	errno = saved_errno;
	return result;
}

/* ---- the tests ---- */

static void
begin(const struct queue_fixture *queue, const char *id)
{
	snprintf(trace.root, sizeof trace.root, "%s", queue->path);
	trace.id = id;
	trace.text[0] = trace.last[0] = '\0';
	trace.is_on = true;
}

static void
assert_trace(const char *want)
{
	trace.is_on = false;
	assert_string_equal(trace.text, want);
}

/* A message with so much body, from its first byte on. */
static struct locator
commit(struct queue_fixture *queue, size_t size)
{
	static struct queue_id id;
	int64_t now = clock_wall();
	struct stored_recipient recipient =
	    queue_fixture_recipient("r@example.net");
	struct locator locator;
	struct put *put;

	id = id_next(&queue->ids, now);
	put = put_create(queue->store, &id, now);
	begin(queue, id.text);
	assert_true(put_recipient(put, &recipient, NULL));
	queue_fixture_body(queue, put, size);
	put_header(put, SPAN("Subject: test\r\n"));
	assert_true(
	    put_attribute(put, ATTRIBUTE_SENDER, SPAN("s@example.org")));
	assert_ok(queue, put_commit(put, &locator, &queue->error));
	put_close(put);
	return locator;
}

/* The head comes last, then the file, then its directory. */
static void
test_durable(void **state)
{
	static const size_t sizes[] = {10, 200000};
	struct queue_fixture *queue = *state;

	for (size_t i = 0; i < COUNT_OF(sizes); i++) {
		(void)commit(queue, sizes[i]);
		assert_trace("write incoming/M\n"
			     "begin incoming/M\n"
			     "fsync incoming/M\n"
			     "fsync incoming\n");
	}
}

/* A new bucket is on disk before the first file goes there; what has been moved
 * is within a second. */
static void
test_bucket(void **state)
{
	struct queue_fixture *queue = *state;
	int64_t due = INT64_C(900) * 0x64 * CLOCK_SECOND;
	struct locator first = commit(queue, 10);
	struct locator second = queue_fixture_message(queue, 1, 10);

	begin(queue, first.id.text);
	assert_ok(queue, store_defer(queue->store, &first, due, &queue->error));
	assert_trace("mkdir deferred/64\n"
		     "fsync deferred\n"
		     "rename incoming/M deferred/64/M\n");
	begin(queue, second.id.text);
	assert_ok(
	    queue, store_defer(queue->store, &second, due, &queue->error));
	assert_ok(queue, store_sync_directories(queue->store, &queue->error));
	assert_trace("rename incoming/M deferred/64/M\n"
		     "fsync incoming\n"
		     "fsync deferred/64\n");
	begin(queue, second.id.text);
	assert_ok(queue, store_done(queue->store, &second, &queue->error));
	assert_ok(queue, store_sync_directories(queue->store, &queue->error));
	assert_trace("unlink deferred/64/M\n"
		     "fsync deferred/64\n");
}

/* A bucket that was made by a process that died before it could sync it. */
static void
test_bucket_of_the_dead(void **state)
{
	struct queue_fixture *queue = *state;
	int64_t due = INT64_C(900) * 0x64 * CLOCK_SECOND;
	struct locator locator = commit(queue, 10);
	char path[PATH_SIZE];

	snprintf(path, sizeof path, "%s/deferred/64", queue->path);
	assert_int_equal(mkdir(path, 0700), 0);
	begin(queue, locator.id.text);
	assert_ok(
	    queue, store_defer(queue->store, &locator, due, &queue->error));
	assert_trace("fsync deferred\n"
		     "rename incoming/M deferred/64/M\n");
}

/* States in place, journal behind, and only then what makes both durable. */
static void
test_report(void **state)
{
	struct queue_fixture *queue = *state;
	struct locator locator = commit(queue, 10);
	struct store_mark mark = {0, RECIPIENT_DONE};
	struct journal_entry entry = {
	    .type = JOURNAL_ATTEMPT, .time = 5, .next = 6};
	struct store_report report = {.marks = &mark,
	    .mark_count = 1,
	    .entries = &entry,
	    .entry_count = 1};
	bool written;

	begin(queue, locator.id.text);
	assert_ok(queue,
	    store_record(
		queue->store, &locator, &report, &written, &queue->error));
	assert_ok(queue, store_sync(queue->store, &locator, &queue->error));
	assert_trace("write incoming/M\n"
		     "fdatasync incoming/M\n");
}

/* Rules 1 and 2: zeros and their directory entry before anything is accepted,
 * then one write and one fdatasync for a batch. */
static void
test_segment(void **state)
{
	struct queue_fixture *queue = *state;
	struct segment_writer *writer = segment_fixture_writer(queue, 1);

	begin(queue, NULL);
	assert_ok(queue, segment_writer_make(writer, &queue->error));
	assert_trace("begin incoming/segment.1.2\n"
		     "fsync incoming/segment.1.2\n"
		     "fsync incoming\n");
	begin(queue, NULL);
	(void)segment_fixture_message(queue, writer, 3000);
	assert_trace("begin incoming/segment.1.2\n"
		     "fdatasync incoming/segment.1.2\n");
	begin(queue, NULL);
	(void)segment_fixture_message(queue, writer, 3000);
	assert_trace("write incoming/segment.1.2\n"
		     "fdatasync incoming/segment.1.2\n");
	segment_writer_destroy(writer);
}

/* Rule 6: the own file is durable before the done record is written. */
static void
test_move_out(void **state)
{
	struct queue_fixture *queue = *state;
	struct segment_writer *writer = segment_fixture_writer(queue, 1);
	struct store *owner = segment_fixture_owner(queue);
	struct locator locator = segment_fixture_message(queue, writer, 3000);
	struct queue_id id = locator.id;

	begin(queue, id.text);
	assert_ok(queue, store_move_out(owner, &locator, &queue->error));
	assert_trace("write incoming/M\n"
		     "begin incoming/M\n"
		     "fsync incoming/M\n"
		     "fsync incoming\n"
		     "begin incoming/qmgr.done.0\n"
		     "fdatasync incoming/qmgr.done.0\n");
	store_close(owner);
	segment_writer_destroy(writer);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    QUEUE_TEST(test_durable),
	    QUEUE_TEST(test_bucket),
	    QUEUE_TEST(test_bucket_of_the_dead),
	    QUEUE_TEST(test_report),
	    QUEUE_TEST(test_segment),
	    QUEUE_TEST(test_move_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
