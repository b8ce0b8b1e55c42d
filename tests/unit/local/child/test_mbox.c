/* SPDX-License-Identifier: MIT */
#include <sys/resource.h>
#include <sys/wait.h>

#include <errno.h>
#include <signal.h>

#include "local/child/mbox.h"
#include "workshop.h"

#define DATE "Sun Nov 22 11:00:09 2026"

/* The text with the dates of its From_ lines made DATE. */
static struct span
undated(struct span text)
{
	static struct buf out;
	struct span line;

	buf_finish(&out);
	buf_init(&out, 1 << 20);
	while (text.len > 0) {
		bool is_ended = span_split(text, '\n', &line, &text);

		if (span_starts(line, SPAN("From ")) && line.len > sizeof DATE)
			buf_printf(&out, "%.*s%s",
			    (int)(line.len - (sizeof DATE - 1)), line.at, DATE);
		else
			buf_append_span(&out, line);
		if (is_ended)
			buf_append_byte(&out, '\n');
	}
	return buf_span(&out);
}

static void
assert_mailbox(
    const struct workshop *workshop, const char *name, const char *want)
{
	assert_span(undated(workshop_read(workshop, name)), want);
}

static bool
deliver(struct workshop *workshop, const char *content, struct error *error)
{
	return workshop_run(
	    workshop, mbox_deliver, workshop_job("joe"), content, 0, error);
}

#define FIRST                              \
	"From joe@example.org  " DATE "\n" \
	"Subject: x\n\n>From me\n\n"

static void
test_delivery(void **state)
{
	struct workshop *workshop = *state;
	struct error error;
	struct stat status;
	char name[NAME_MAX + 1];

	assert_true(deliver(workshop, "Subject: x\r\n\r\nFrom me\r\n", &error));
	assert_mailbox(workshop, "joe", FIRST);
	assert_int_equal(fstatat(workshop->fd, "joe", &status, 0), 0);
	assert_int_equal(status.st_mode & 07777, 0600);
	assert_true(deliver(workshop, "Subject: y\r\n\r\nno end", &error));
	assert_mailbox(workshop, "joe",
	    FIRST "From joe@example.org  " DATE "\nSubject: y\n\nno end\n\n");
	/* and no lock is left */
	assert_int_equal(workshop_count(workshop, ".", name), 1);
}

/* Several deliveries find that there is no mailbox yet: each of them is made,
 * by whoever comes first. */
static void
test_first_ones_at_once(void **state)
{
	struct workshop *workshop = *state;
	const char *content = "Subject: x\r\n\r\n";
	struct error error;
	char name[32];
	int status;

	workshop->settings.lock_attempts = 1000000;
	for (int round = 0; round < 100; round++) {
		pid_t other = fork();

		snprintf(name, sizeof name, "joe%d", round);
		assert_true(other >= 0);
		if (other == 0)
			_exit(workshop_run(workshop, mbox_deliver,
				  workshop_job(name), content, 0, &error)
				? 0
				: 1);
		if (!workshop_run(workshop, mbox_deliver, workshop_job(name),
			content, 0, &error))
			fail_msg("%s", error.text);
		assert_int_equal(waitpid(other, &status, 0), other);
		assert_int_equal(status, 0);
	}
}

/* The writer of the last message was killed. */
static void
test_unended(void **state)
{
	struct workshop *workshop = *state;
	struct error error;

	workshop_write(workshop, "joe", "From x  " DATE "\nSubj");
	assert_true(deliver(workshop, "Subject: x\r\n\r\nFrom me\r\n", &error));
	assert_mailbox(workshop, "joe", "From x  " DATE "\nSubj\n" FIRST);
}

static void
test_broken_off(void **state)
{
	struct workshop *workshop = *state;
	struct error error;

	workshop_write(workshop, "joe", "as it was\n");
	assert_false(workshop_run(workshop, mbox_deliver, workshop_job("joe"),
	    "Subject: x\r\n", 1, &error));
	assert_int_equal(error.kind, ERROR_CLOSED);
	assert_mailbox(workshop, "joe", "as it was\n");
}

/* Part of a message that was written already is cut off again: the limit on
 * the size of files of a process stands for a full disk. */
static void
fill_disk(struct workshop *workshop)
{
	struct rlimit limit = {100000, 100000};
	static char content[200001];
	struct error error;

	(void)signal(SIGXFSZ, SIG_IGN);
	if (setrlimit(RLIMIT_FSIZE, &limit) < 0)
		_exit(2);
	memset(content, 'x', sizeof content - 1);
	_exit(deliver(workshop, content, &error) || error.saved_errno != EFBIG
		? 1
		: 0);
}

static void
test_full_disk(void **state)
{
	struct workshop *workshop = *state;
	pid_t child;
	int status;

	workshop_write(workshop, "joe", "as it was\n");
	child = fork();
	if (child == 0)
		fill_disk(workshop);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_mailbox(workshop, "joe", "as it was\n");
}

static void
test_limit(void **state)
{
	struct workshop *workshop = *state;
	struct job *job = workshop_job("joe");
	struct error error;

	workshop_write(workshop, "joe", "12345\n");
	job->limit = 10;
	assert_false(
	    workshop_run(workshop, mbox_deliver, job, "678\r\n", 0, &error));
	assert_int_equal(error.kind, ERROR_LIMIT);
	assert_mailbox(workshop, "joe", "12345\n");
}

static void
test_dotlock(void **state)
{
	static const struct timespec old[2] = {{.tv_sec = 1}, {.tv_sec = 1}};
	struct workshop *workshop = *state;
	struct error error;

	workshop_write(workshop, "joe.lock", "");
	assert_false(deliver(workshop, "\r\n", &error));
	assert_int_equal(error.kind, ERROR_TEMPORARY);
	assert_int_equal(faccessat(workshop->fd, "joe.lock", F_OK, 0), 0);
	/* one that is forgotten does not count */
	assert_int_equal(utimensat(workshop->fd, "joe.lock", old, 0), 0);
	assert_true(deliver(workshop, "\r\n", &error));
	assert_int_equal(faccessat(workshop->fd, "joe.lock", F_OK, 0), -1);
}

/* Another process has the file locked. */
static void
test_file_lock(void **state)
{
	struct workshop *workshop = *state;
	struct error error;
	int pair[2];
	pid_t child;

	workshop_write(workshop, "joe", "");
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	child = fork();
	if (child == 0) {
		struct flock lock = {.l_type = F_WRLCK};
		int fd = openat(workshop->fd, "joe", O_RDWR);
		char byte = 'x';

		if (fcntl(fd, F_SETLK, &lock) < 0 ||
		    write(pair[1], &byte, 1) != 1 ||
		    read(pair[1], &byte, 1) != 1)
			_exit(1);
		_exit(0);
	}
	assert_int_equal(read(pair[0], (char[1]){0}, 1), 1);
	assert_false(deliver(workshop, "\r\n", &error));
	assert_int_equal(error.kind, ERROR_TEMPORARY);
	assert_int_equal(write(pair[0], "x", 1), 1);
	assert_int_equal(waitpid(child, NULL, 0), child);
	assert_true(deliver(workshop, "\r\n", &error));
	close(pair[0]);
	close(pair[1]);
}

static void
test_obstacles(void **state)
{
	struct workshop *workshop = *state;
	struct error error;

	workshop_write(workshop, "other", "as it was\n");
	assert_int_equal(symlinkat("other", workshop->fd, "joe"), 0);
	assert_false(deliver(workshop, "\r\n", &error));
	assert_mailbox(workshop, "other", "as it was\n");
	assert_int_equal(unlinkat(workshop->fd, "joe", 0), 0);
	assert_int_equal(mkfifoat(workshop->fd, "joe", 0600), 0);
	assert_false(deliver(workshop, "\r\n", &error));
	assert_int_equal(unlinkat(workshop->fd, "joe", 0), 0);
	assert_int_equal(mkdirat(workshop->fd, "joe", 0700), 0);
	assert_false(deliver(workshop, "\r\n", &error));
	assert_false(workshop_run(
	    workshop, mbox_deliver, workshop_job("joe/.."), "\r\n", 0, &error));
}

static void
test_owner(void **state)
{
	struct workshop *workshop = *state;
	struct error error;

	if (geteuid() != 0)
		skip();
	workshop_write(workshop, "joe", "");
	assert_int_equal(fchownat(workshop->fd, "joe", 1, 1, 0), 0);
	assert_false(deliver(workshop, "\r\n", &error));
	assert_mailbox(workshop, "joe", "");
	workshop->settings.strict_ownership = false;
	assert_true(deliver(workshop, "\r\n", &error));
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, workshop_setup, workshop_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_delivery),
	    TEST(test_first_ones_at_once),
	    TEST(test_unended),
	    TEST(test_broken_off),
	    TEST(test_full_disk),
	    TEST(test_limit),
	    TEST(test_dotlock),
	    TEST(test_file_lock),
	    TEST(test_obstacles),
	    TEST(test_owner),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
