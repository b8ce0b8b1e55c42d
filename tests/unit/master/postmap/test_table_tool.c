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

/* Values of this map name files. */
static void
write_files_map(const char *directory)
{
	char text[300];

	snprintf(text, sizeof text, "a %s/one, %s/two\nb %s/none\n", directory,
	    directory, directory);
	write_file(directory, "files", text);
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
	    "default_database_type = btree\nsmtputf8_enable = yes\n");
	write_file(place.directory, "master.cf", "");
	write_file(place.directory, "passwd", "ann:x:7:8:Ann:/h/ann:/sh\n");
	write_file(place.directory, "map", "Key a value\nbad\nkey second\n");
	write_file(place.directory, "aliases", "Root: ann, bob\n");
	write_file(place.directory, "rules",
	    "/^subject:/ S\n/^x: a\\n b$/ X\n/^body$/ B\n/^inner:/ I\n"
	    "/^--b/ D\n");
	write_file(place.directory, "utf8", "\xff a\nb \xff\nc \xc3\xa4\n");
	write_file(place.directory, "one", "1\n");
	write_file(place.directory, "two", "2\n");
	write_files_map(place.directory);
	*state = &place;
	return 0;
}

static int
teardown(void **state)
{
	static const char *const names[] = {"main.cf", "master.cf", "passwd",
	    "map", "map.db", "aliases", "aliases.db", "new.db", "rules", "utf8",
	    "utf8.db", "files", "files.db", "one", "two"};
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
	const char *arguments[7];
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
    {false, {"-q", "x", "-s", "@map"}, "", 64, "", "usage: "},
    {false, {"-n", "-N", "@map"}, "", 64, "", "usage: "},
    {false, {"-h", "-q", "x", "@map"}, "", 64, "", "usage: "},
    {true, {"-h", "-q", "-", "@map"}, "", 64, "", "usage: "},
    {false, {"hash:@map"}, "", 0, "", "duplicate"},
    {false, {"-s", "hash:@map"}, "", 0, "key\ta value\n", ""},
    {false, {"-w", "hash:@map"}, "", 0, "", "line 2: "},
    {false, {"-r", "hash:@map"}, "", 0, "", "line 2: "},
    {false, {"-q", "key", "hash:@map"}, "", 0, "second\n", ""},
    {false, {"-s", "static:x"}, "", 1, "", "cannot be listed"},
    {false, {"-s", "inline:{a=b}"}, "", 0, "a\tb\n", ""},
    {false, {"-i", "hash:@map"}, "Two 2\nkey 3\n", 0, "",
	"input, line 2: duplicate"},
    {false, {"-q", "two", "hash:@map"}, "", 0, "2\n", ""},
    {false, {"-q", "key", "hash:@map"}, "", 0, "second\n", ""},
    {false, {"-ir", "hash:@map"}, "key 4\n", 0, "", ""},
    {false, {"-q", "key", "hash:@map"}, "", 0, "4\n", ""},
    {false, {"-i", "btree:@new"}, "a b\nc d\ne f\n", 0, "", ""},
    {false, {"-s", "btree:@new"}, "", 0, "a\tb\nc\td\ne\tf\n", ""},
    {false, {"-d", "C", "btree:@new"}, "", 0, "", ""},
    {false, {"-d", "c", "btree:@new"}, "", 1, "", ""},
    {false, {"-s", "btree:@new"}, "", 0, "a\tb\ne\tf\n", ""},
    {false, {"-d", "-", "btree:@new"}, "x\na\n", 0, "", ""},
    {false, {"-s", "btree:@new"}, "", 0, "e\tf\n", ""},
    {false, {"-d", "a", "btree:@none"}, "", 1, "", "No such file"},
    {false, {"-d", "a", "texthash:@map"}, "", 1, "", "no file"},
    {false, {"-n", "-i", "btree:@new"}, "g h\n", 0, "", ""},
    {false, {"-s", "btree:@new"}, "", 0, "e\tf\ng\th\n", ""},
    {false, {"hash:@utf8"}, "", 0, "", "line 1: the key is not UTF-8"},
    {false, {"-s", "hash:@utf8"}, "", 0, "c\t\xc3\xa4\n", ""},
    {false, {"-u", "-w", "hash:@utf8"}, "", 0, "", ""},
    {false, {"-u", "-q", "b", "hash:@utf8"}, "", 0, "\xff\n", ""},
    {false, {"-F", "hash:@files"}, "", 0, "", "line 2: open"},
    {false, {"-q", "a", "hash:@files"}, "", 0, "MQoKMgo=\n", ""},
    {false, {"-F", "-q", "a", "hash:@files"}, "", 0, "1\n\n2\n\n", ""},
    {false, {"-F", "-s", "hash:@files"}, "", 0, "a\t1\n\n2\n\n", ""},
    {false, {"-F", "-q", "x", "static:x"}, "", 1, "", "no base64"},
    {false, {"-h", "-q", "-", "pcre:@rules"},
	"Subject: s\nx: a\n b\n\nbody\nsubject: t\n", 0,
	"Subject: s\tS\nx: a\n b\tX\n", ""},
    {false, {"-b", "-q", "-", "pcre:@rules"},
	"Subject: s\n\nbody\nsubject: t\nbody", 0,
	"body\tB\nsubject: t\tS\nbody\tB\n", ""},
    {false, {"-hbm", "-q", "-", "pcre:@rules"},
	"Content-Type: multipart/mixed; boundary=b\n\n--b\nInner: x\n\n"
	"body\n--b--\n",
	0, "--b\tD\nInner: x\tI\nbody\tB\n--b--\tD\n", ""},
    {false, {"-hm", "-q", "-", "pcre:@rules"}, "To: x\n\nbody\n", 1, "", ""},
    {false, {"-q", "192.0.2.1", "cidr:{{192.0.2.0/24 x}}"}, "", 0, "x\n", ""},
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
	char texts[7][200];
	char directory[64];
	char *arguments[11] = {"tool", "-c", directory};
	int count = 3;

	snprintf(directory, sizeof directory, "%s", place->directory);
	for (size_t i = 0; i < 7 && calls[call].arguments[i] != NULL; i++) {
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
		else if (strstr(buf_text(&complaint), calls[i].complaint) ==
		    NULL)
			fail_msg("call %zu: %s", i, buf_text(&complaint));
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
