/* SPDX-License-Identifier: MIT */
/* postmap and postalias as they are called: arguments and input, output and
 * exit status. */
#include <sys/wait.h>

#include <fcntl.h>
#include <unistd.h>

#include "lib/base/io.h"

#include "../../unit.h"
#include "master/postmap/table_tool.h"

struct place {
	char directory[64];
};

static void
write_file(const char *directory, const char *name, const char *text)
{
	char path[200];
	struct error error;
	int fd;

	snprintf(path, sizeof path, "%s/%s", directory, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_true(io_write(fd, span_text(text), &error));
	io_close(&fd);
}

static int
setup(void **state)
{
	static struct place place;

	snprintf(place.directory, sizeof place.directory,
	    "/tmp/postern-postmap-XXXXXX");
	if (mkdtemp(place.directory) == NULL)
		return -1;
	write_file(place.directory, "main.cf",
	    "myhostname = mx.example.com\nmail_owner =\n"
	    "default_database_type = btree\n");
	write_file(place.directory, "master.cf", "");
	write_file(place.directory, "passwd", "ann:x:7:8:Ann:/h/ann:/sh\n");
	write_file(place.directory, "map", "Key a value\nbad\nkey second\n");
	write_file(place.directory, "aliases", "Root: ann, bob\n");
	*state = &place;
	return 0;
}

static int
teardown(void **state)
{
	static const char *const names[] = {"main.cf", "master.cf", "passwd",
	    "map", "map.db", "aliases", "aliases.db"};
	struct place *place = *state;
	char path[200];

	for (size_t i = 0; i < COUNT_OF(names); i++) {
		snprintf(
		    path, sizeof path, "%s/%s", place->directory, names[i]);
		(void)unlink(path);
	}
	return rmdir(place->directory);
}

/* One call; the steps build on each other. Words that begin with '@' are files
 * of the test's directory, behind the type in front of the '@'. */
static const struct {
	bool aliases;
	const char *arguments[6];
	const char *input;
	int status;
	const char *output;
	const char *complaint; /* part of what is said on standard error */
} calls[] = {
    {false, {"hash:@map"}, "", 0, "", "line 3: duplicate entry"},
    {false, {"-q", "key", "hash:@map"}, "", 0, "a value\n", ""},
    {false, {"-q", "KEY", "hash:@map"}, "", 0, "a value\n", ""},
    {false, {"-q", "none", "hash:@map"}, "", 1, "", ""},
    {false, {"-q", "-", "hash:@map"}, "none\nkey\n\n", 0, "key\ta value\n", ""},
    {false, {"-q", "-", "hash:@map"}, "none", 1, "", ""},
    {false, {"-q", "key", "btree:@map"}, "", 1, "", "another type"},
    {false, {"@map"}, "", 0, "", "line 2: "},
    {false, {"-q", "key", "@map"}, "", 0, "a value\n", ""},
    {false, {"-f", "@map"}, "", 0, "", "line 2: "},
    {false, {"-f", "-q", "Key", "@map"}, "", 0, "a value\n", ""},
    {false, {"-f", "-q", "KEY", "@map"}, "", 1, "", ""},
    {false, {"-q", "key", "static:x", "@map"}, "", 0, "x\n", ""},
    {false, {"-q", "ann", "unix:passwd.byname"}, "", 0,
	"ann:x:7:8:Ann:/h/ann:/sh\n", ""},
    {false, {"-q", "key", "fail:gone"}, "", 1, "", "fatal: fail:gone: gone"},
    {false, {"hash:@none"}, "", 1, "", "No such file"},
    {false, {"-q", "x", "nonsense:x"}, "", 1, "", "not supported"},
    {false, {"-z", "x"}, "", 64, "", "usage: "},
    {false, {NULL}, "", 64, "", "usage: "},
    {true, {"hash:@aliases"}, "", 0, "", ""},
    {true, {"-q", "root", "hash:@aliases"}, "", 0, "ann, bob\n", ""},
    {true, {"-q", "@", "hash:@aliases"}, "", 0, "@\n", ""},
    {true, {"@map"}, "", 0, "", "expected name: value"},
};

static void
write_argument(
    const char *directory, const char *argument, char *text, size_t size)
{
	const char *at = strchr(argument, '@');

	if (at == NULL || at[1] == '\0')
		snprintf(text, size, "%s", argument);
	else
		snprintf(text, size, "%.*s%s/%s", (int)(at - argument),
		    argument, directory, at + 1);
}

static _Noreturn void
run_tool(const struct place *place, size_t call)
{
	const struct table_tool tool = {
	    calls[call].aliases ? "postalias" : "postmap", calls[call].aliases};
	char texts[6][200];
	char directory[64];
	char *arguments[10] = {"tool", "-c", directory};
	int count = 3;

	snprintf(directory, sizeof directory, "%s", place->directory);
	for (size_t i = 0; i < 6 && calls[call].arguments[i] != NULL; i++) {
		write_argument(place->directory, calls[call].arguments[i],
		    texts[i], sizeof texts[i]);
		arguments[count++] = texts[i];
	}
	exit(table_tool_run(&tool, count, arguments));
}

/* Files stand for the three streams, so that nobody waits for anybody. */
static int
run_captured(const struct place *place, size_t call, int streams[3])
{
	struct error error;
	pid_t child;
	int status;

	for (int i = 0; i < 3; i++) {
		streams[i] = open("/tmp", O_RDWR | O_TMPFILE | O_CLOEXEC, 0600);
		assert_true(streams[i] >= 0);
	}
	assert_true(io_write(streams[0], span_text(calls[call].input), &error));
	child = fork();
	if (child == 0) {
		(void)lseek(streams[0], 0, SEEK_SET);
		for (int i = 0; i < 3; i++)
			if (dup2(streams[i], i) < 0)
				_exit(99);
		run_tool(place, call);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void
read_stream(int fd, struct buf *text)
{
	struct error error;

	buf_init(text, 10000);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	assert_true(io_read_all(fd, text, &error));
}

static void
test_calls(void **state)
{
	for (size_t i = 0; i < COUNT_OF(calls); i++) {
		struct buf output;
		struct buf complaint;
		int streams[3];
		int status = run_captured(*state, i, streams);

		read_stream(streams[1], &output);
		read_stream(streams[2], &complaint);
		assert_string_equal(buf_text(&output), calls[i].output);
		if (calls[i].complaint[0] == '\0')
			assert_string_equal(buf_text(&complaint), "");
		else
			assert_non_null(
			    strstr(buf_text(&complaint), calls[i].complaint));
		assert_int_equal(status, calls[i].status);
		buf_finish(&output);
		buf_finish(&complaint);
		for (int n = 0; n < 3; n++)
			io_close(&streams[n]);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_calls, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
