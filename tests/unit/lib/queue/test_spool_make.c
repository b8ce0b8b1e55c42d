/* SPDX-License-Identifier: MIT */
#include <sys/stat.h>
#include <sys/wait.h>

#include <errno.h>
#include <grp.h>
#include <signal.h>

#include "lib/queue/spool_lock.h"
#include "lib/queue/spool_make.h"

#include "queue_fixture.h"

enum {
	QUEUE_USER = 64001,
	CLEANUP_USER = 64002
};

static const struct spool_owners owners = {
    QUEUE_USER, QUEUE_USER, CLEANUP_USER};

static void
check_mode(const struct queue_fixture *queue, const char *name, uid_t user,
    mode_t mode)
{
	struct stat status;
	char path[200];

	snprintf(path, sizeof path, "%s/%s", queue->path, name);
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_uid, user);
	assert_int_equal(status.st_mode & 07777, mode);
}

static void
test_one_user(void **state)
{
	static const char *const names[] = {"", "incoming", "hold", "deferred",
	    "corrupt", "active", "maildrop"};
	struct queue_fixture *queue = *state;

	for (size_t i = 0; i < COUNT_OF(names); i++)
		check_mode(queue, names[i], geteuid(), 0700);
	check_mode(queue, SPOOL_LOCK_NAME, geteuid(), 0600);
}

static void
test_several_users(void **state)
{
	struct queue_fixture *queue = *state;

	if (geteuid() != 0)
		skip();
	for (int i = 0; i < 2; i++)
		assert_ok(
		    queue, spool_make(queue->path, &owners, &queue->error));
	check_mode(queue, "", 0, 0711);
	check_mode(queue, "incoming", CLEANUP_USER, 02370);
	check_mode(queue, "hold", CLEANUP_USER, 02370);
	check_mode(queue, "deferred", QUEUE_USER, 0700);
	check_mode(queue, "corrupt", QUEUE_USER, 0700);
	check_mode(queue, SPOOL_LOCK_NAME, QUEUE_USER, 0600);
}

static int
become(uid_t user)
{
	return setgroups(0, NULL) == 0 && setresgid(user, user, user) == 0 &&
		setresuid(user, user, user) == 0
	    ? 0
	    : -1;
}

/* Puts one message through two directory descriptors; 0 if all that cleanup
 * must not be able to do fails. */
static int
act_as_cleanup(struct queue_fixture *queue, int out)
{
	int incoming =
	    spool_make_descriptor(queue->path, "incoming", &queue->error);
	int hold = spool_make_descriptor(queue->path, "hold", &queue->error);
	struct store *store = store_attach(incoming, hold, true);
	struct queue_fixture cleanup = *queue;
	struct locator locator;

	umask(0);
	if (incoming < 0 || hold < 0 || become(CLEANUP_USER) != 0)
		return 1;
	cleanup.store = store;
	locator = queue_fixture_message(&cleanup, 1, 100000);
	if (write(out, &locator, sizeof locator) != sizeof locator)
		return 2;
	if (openat(incoming, locator.id.text, O_RDONLY | O_CLOEXEC) >= 0 ||
	    errno != EACCES)
		return 3;
	if (openat(incoming, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC) >= 0)
		return 4;
	store_close(store);
	return 0;
}

static int
act_as_queue_manager(struct queue_fixture *queue, struct locator locator)
{
	enum stored_result result;
	struct store_mark mark = {0, RECIPIENT_DONE};
	struct store_report report = {.marks = &mark, .mark_count = 1};
	struct store *store;
	bool written;

	if (become(QUEUE_USER) != 0)
		return 1;
	store = store_open(queue->path, &queue->error);
	if (store == NULL)
		return 2;
	if (store_adopt(queue->pool, store, &locator, &result, &queue->error) ==
	    NULL)
		return 3;
	if (!store_record(store, &locator, &report, &written, &queue->error) ||
	    !store_defer(store, &locator, 1000, &queue->error) ||
	    !store_sync(store, &locator, &queue->error) ||
	    !store_sync_directories(store, &queue->error) ||
	    !store_done(store, &locator, &queue->error))
		return 4;
	store_close(store);
	return 0;
}

static int
wait_for(pid_t pid)
{
	int status;

	if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return -1;
	return WEXITSTATUS(status);
}

/* Section 5, Ownership: cleanup can create and not read, list or reopen; the
 * queue manager can do all it has to. */
static void
test_ownership_with_two_uids(void **state)
{
	struct queue_fixture *queue = *state;
	struct locator locator;
	int ends[2];
	pid_t pid;

	if (geteuid() != 0)
		skip();
	assert_ok(queue, spool_make(queue->path, &owners, &queue->error));
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	pid = fork();
	if (pid == 0)
		_exit(act_as_cleanup(queue, ends[1]));
	assert_int_equal(wait_for(pid), 0);
	assert_int_equal(
	    read(ends[0], &locator, sizeof locator), sizeof locator);
	pid = fork();
	if (pid == 0)
		_exit(act_as_queue_manager(queue, locator));
	assert_int_equal(wait_for(pid), 0);
	close(ends[0]);
	close(ends[1]);
}

static void
test_failures(void **state)
{
	struct queue_fixture *queue = *state;
	char path[200];

	snprintf(path, sizeof path, "%s/no/such", queue->path);
	assert_false(spool_make(path, NULL, &queue->error));
	assert_int_equal(queue->error.saved_errno, ENOENT);
	assert_null(store_open(path, &queue->error));
	assert_int_equal(
	    spool_make_descriptor(path, "incoming", &queue->error), -1);
	/* A link in place of a directory is not followed. */
	snprintf(path, sizeof path, "%s/corrupt", queue->path);
	assert_int_equal(rmdir(path), 0);
	assert_int_equal(symlink("/tmp", path), 0);
	assert_false(spool_make(queue->path, NULL, &queue->error));
	assert_int_equal(unlink(path), 0);
}

/* REL-09: one instance, and the second is told who the first is. */
static void
test_rel09_lock_names_its_holder(void **state)
{
	struct queue_fixture *queue = *state;
	int go[2], lock = -1;
	pid_t pid, holder = 0;
	char byte = 0;

	assert_int_equal(pipe2(go, O_CLOEXEC), 0);
	pid = fork();
	if (pid == 0) {
		if (!spool_lock_take(
			queue->path, &lock, &holder, &queue->error) ||
		    write(go[1], &byte, 1) != 1)
			_exit(1);
		pause();
	}
	assert_int_equal(read(go[0], &byte, 1), 1);
	assert_false(
	    spool_lock_take(queue->path, &lock, &holder, &queue->error));
	assert_int_equal(queue->error.kind, ERROR_TEMPORARY);
	assert_int_equal(holder, pid);
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(wait_for(pid), -1);
	assert_ok(
	    queue, spool_lock_take(queue->path, &lock, &holder, &queue->error));
	io_close(&lock);
	close(go[0]);
	close(go[1]);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    QUEUE_TEST(test_one_user),
	    QUEUE_TEST(test_several_users),
	    QUEUE_TEST(test_ownership_with_two_uids),
	    QUEUE_TEST(test_failures),
	    QUEUE_TEST(test_rel09_lock_names_its_holder),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
