/* SPDX-License-Identifier: MIT */
#include <regex.h>

#include "local/child/maildir.h"
#include "workshop.h"

static void
assert_matches(const char *text, const char *pattern)
{
	regex_t compiled;

	assert_int_equal(
	    regcomp(&compiled, pattern, REG_EXTENDED | REG_NOSUB), 0);
	if (regexec(&compiled, text, 0, NULL, 0) != 0)
		fail_msg("<%s> does not match <%s>", text, pattern);
	regfree(&compiled);
}

static void
test_delivery(void **state)
{
	struct workshop *workshop = *state;
	struct error error;
	char name[NAME_MAX + 1];
	char path[PATH_MAX];
	struct stat status;

	/* The directories on the way are made. */
	assert_true(workshop_run(workshop, maildir_deliver,
	    workshop_job("a/b/Maildir/"), "Subject: x\r\n\r\nFrom me\r\n", 0,
	    &error));
	assert_int_equal(workshop_count(workshop, "a/b/Maildir/new", name), 1);
	assert_matches(
	    name, "^[0-9]{10,}\\.V[0-9a-f]+I[0-9a-f]+M[0-9]+\\.mx\\.example$");
	snprintf(path, sizeof path, "a/b/Maildir/new/%s", name);
	assert_span(workshop_read(workshop, path), "Subject: x\n\nFrom me\n");
	assert_int_equal(fstatat(workshop->fd, path, &status, 0), 0);
	assert_int_equal(status.st_mode & 07777, 0600);
	assert_int_equal(status.st_nlink, 1);
	assert_int_equal(workshop_count(workshop, "a/b/Maildir/tmp", name), 0);
	assert_int_equal(
	    fstatat(workshop->fd, "a/b/Maildir/cur", &status, 0), 0);
	assert_int_equal(status.st_mode & 07777, 0700);
}

static void
test_many(void **state)
{
	struct workshop *workshop = *state;
	char name[NAME_MAX + 1];
	struct error error;

	for (int i = 0; i < 100; i++)
		assert_true(workshop_run(workshop, maildir_deliver,
		    workshop_job("Maildir"), "\r\n", 0, &error));
	assert_int_equal(workshop_count(workshop, "Maildir/new", name), 100);
}

/* Launcher gives up in the middle. */
static void
test_broken_off(void **state)
{
	struct workshop *workshop = *state;
	char name[NAME_MAX + 1];
	struct error error;

	assert_false(workshop_run(workshop, maildir_deliver,
	    workshop_job("Maildir"), "Subject: x\r\n\r\n", 1, &error));
	assert_int_equal(error.kind, ERROR_CLOSED);
	assert_int_equal(workshop_count(workshop, "Maildir/new", name), 0);
	assert_int_equal(workshop_count(workshop, "Maildir/tmp", name), 0);
}

static void
test_limit(void **state)
{
	struct workshop *workshop = *state;
	struct job *job = workshop_job("Maildir");
	char name[NAME_MAX + 1];
	struct error error;

	job->limit = 10;
	assert_true(workshop_run(
	    workshop, maildir_deliver, job, "12345678\r\n", 0, &error));
	assert_false(workshop_run(
	    workshop, maildir_deliver, job, "123456789\r\n", 0, &error));
	assert_int_equal(error.kind, ERROR_LIMIT);
	assert_int_equal(workshop_count(workshop, "Maildir/new", name), 1);
}

/* What stands where a directory should be. */
static void
test_obstacles(void **state)
{
	static const char *const parts[] = {"new", "tmp", "cur"};
	struct workshop *workshop = *state;
	struct error error;
	char path[PATH_MAX];

	assert_int_equal(mkdirat(workshop->fd, "elsewhere", 0700), 0);
	for (size_t i = 0; i < COUNT_OF(parts); i++) {
		char maildir[32];

		snprintf(maildir, sizeof maildir, "Maildir%zu", i);
		assert_int_equal(mkdirat(workshop->fd, maildir, 0700), 0);
		snprintf(path, sizeof path, "%s/%s", maildir, parts[i]);
		assert_int_equal(
		    symlinkat("../elsewhere", workshop->fd, path), 0);
		assert_false(workshop_run(workshop, maildir_deliver,
		    workshop_job(maildir), "\r\n", 0, &error));
	}
	assert_int_equal(workshop_count(workshop, "elsewhere", path), 0);
	workshop_write(workshop, "file", "");
	assert_false(workshop_run(workshop, maildir_deliver,
	    workshop_job("file/"), "\r\n", 0, &error));
	assert_false(workshop_run(workshop, maildir_deliver,
	    workshop_job("a/../b/"), "\r\n", 0, &error));
	assert_int_equal(error.kind, ERROR_INVALID);
}

static void
test_owner(void **state)
{
	struct workshop *workshop = *state;
	struct error error;

	if (geteuid() != 0)
		skip();
	assert_int_equal(mkdirat(workshop->fd, "Maildir", 0755), 0);
	assert_int_equal(mkdirat(workshop->fd, "Maildir/new", 0777), 0);
	assert_int_equal(fchownat(workshop->fd, "Maildir/new", 1, 1, 0), 0);
	assert_false(workshop_run(workshop, maildir_deliver,
	    workshop_job("Maildir"), "\r\n", 0, &error));
	assert_int_equal(error.kind, ERROR_INVALID);
	workshop->settings.strict_ownership = false;
	assert_true(workshop_run(workshop, maildir_deliver,
	    workshop_job("Maildir"), "\r\n", 0, &error));
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, workshop_setup, workshop_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_delivery),
	    TEST(test_many),
	    TEST(test_broken_off),
	    TEST(test_limit),
	    TEST(test_obstacles),
	    TEST(test_owner),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
