/* SPDX-License-Identifier: MIT */
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "lib/base/io.h"
#include "lib/sandbox/landlock.h"

#include "../../unit.h"

static char top[] = "/tmp/test_landlock.XXXXXX";

static int
open_for(const char *name, int flags)
{
	int fd = open(name, flags | O_CLOEXEC, 0600);
	int failure = fd < 0 ? errno : 0;

	io_close(&fd);
	return failure;
}

static int
read_file(void)
{
	return open_for("inside/file", O_RDONLY);
}

static int
write_file(void)
{
	return open_for("inside/file", O_WRONLY);
}

static int
make_file(void)
{
	return open_for("inside/new", O_WRONLY | O_CREAT | O_EXCL);
}

static int
list_files(void)
{
	return open_for("inside", O_RDONLY | O_DIRECTORY);
}

static int
move_file(void)
{
	return rename("inside/file", "inside/below/file") < 0 ? errno : 0;
}

static int
make_pipe(void)
{
	return mkfifo("inside/pipe", 0600) < 0 ? errno : 0;
}

static int
read_outside(void)
{
	return open_for("file", O_RDONLY);
}

static int
read_by_other_way(void)
{
	return open_for("link", O_RDONLY);
}

static const struct {
	unsigned subjects;
	unsigned access;
	int (*try)(void);
	bool works;
} cases[] = {
    {LANDLOCK_FILES, 0, read_file, false},
    {LANDLOCK_FILES, LANDLOCK_READ, read_file, true},
    {LANDLOCK_FILES, LANDLOCK_READ, write_file, false},
    {LANDLOCK_FILES, LANDLOCK_READ, list_files, false},
    {LANDLOCK_FILES, LANDLOCK_LIST, list_files, true},
    {LANDLOCK_FILES, LANDLOCK_LIST, read_file, false},
    {LANDLOCK_FILES, LANDLOCK_WRITE, write_file, true},
    {LANDLOCK_FILES, LANDLOCK_WRITE, make_file, true},
    {LANDLOCK_FILES, LANDLOCK_WRITE, read_file, false},
    {LANDLOCK_FILES, LANDLOCK_USE, move_file, true},
    {LANDLOCK_FILES, LANDLOCK_READ, move_file, false},
    {LANDLOCK_FILES, LANDLOCK_USE, make_pipe, false},
    {LANDLOCK_FILES, LANDLOCK_USE, read_outside, false},
    {LANDLOCK_FILES, LANDLOCK_USE, read_by_other_way, false},
    {LANDLOCK_SPECIALS, 0, read_outside, true},
    {LANDLOCK_SPECIALS, 0, make_file, true},
    {LANDLOCK_SPECIALS, 0, make_pipe, false},
    {LANDLOCK_SPECIALS, 0, move_file, false},
    {LANDLOCK_SPECIALS, LANDLOCK_WRITE, move_file, true},
};

static void
prepare(void **state UNUSED)
{
	static const char *const files[] = {"file", "inside/file"};

	(void)unlink("inside/new");
	(void)unlink("inside/pipe");
	(void)unlink("inside/below/file");
	for (size_t i = 0; i < COUNT_OF(files); i++)
		assert_int_equal(open_for(files[i], O_WRONLY | O_CREAT), 0);
}

static int
try_confined(size_t i)
{
	struct landlock landlock;

	return landlock_open(&landlock, cases[i].subjects, NULL) &&
		landlock_allow(&landlock, "inside", cases[i].access, NULL) &&
		prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
		landlock_enter(&landlock, NULL)
	    ? cases[i].try()
	    : 255;
}

static void
test_access(void **state)
{
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		pid_t pid;
		int status;

		prepare(state);
		pid = fork();
		assert_true(pid >= 0);
		if (pid == 0)
			_exit(try_confined(i));
		assert_int_equal(waitpid(pid, &status, 0), pid);
		if (!WIFEXITED(status) ||
		    (WEXITSTATUS(status) == 0) != cases[i].works ||
		    WEXITSTATUS(status) == 255)
			fail_msg("case %zu: status %x", i, (unsigned)status);
	}
}

static int
set_up(void **state UNUSED)
{
	return mkdtemp(top) != NULL && chdir(top) == 0 &&
		mkdir("inside", 0700) == 0 &&
		mkdir("inside/below", 0700) == 0 &&
		symlink("inside/../file", "link") == 0
	    ? 0
	    : -1;
}

static int
tear_down(void **state)
{
	prepare(state);
	return unlink("file") == 0 && unlink("link") == 0 &&
		unlink("inside/file") == 0 && rmdir("inside/below") == 0 &&
		rmdir("inside") == 0 && rmdir(top) == 0
	    ? 0
	    : -1;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_access),
	};

	if (landlock_abi() == 0) {
		print_message("this kernel has no landlock\n");
		return 0;
	}
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
