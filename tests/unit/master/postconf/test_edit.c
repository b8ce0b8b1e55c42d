/* SPDX-License-Identifier: MIT */
#include <sys/stat.h>

#include <fcntl.h>
#include <unistd.h>

#include "lib/base/io.h"

#include "../../unit.h"
#include "master/postconf/edit.h"
#include "master/postconf/replace_file.h"

static const struct {
	enum edit_kind kind;
	const char *main_cf;
	const char *settings[3]; /* ends with NULL */
	const char *changed;
} cases[] = {
    {EDIT_KIND_SET, "", {"a=1"}, "a = 1\n"},
    {EDIT_KIND_SET, "b = 2", {"a=1"}, "b = 2\na = 1\n"},
    {EDIT_KIND_SET, "# c\na = 1\n# d\nb = 2\n", {"a = 3"},
	"# c\na = 3\n# d\nb = 2\n"},
    {EDIT_KIND_SET, "a = 1,\n  # kept\n  2\n\nb = 2\n", {"a=x y"},
	"a = x y\n  # kept\n\nb = 2\n"},
    {EDIT_KIND_SET, "a = 1\nb = 2\na = 3\n more\nc = 4\n", {"a=5"},
	"a = 5\nb = 2\nc = 4\n"},
    {EDIT_KIND_SET, "a = 1\n", {"a="}, "a =\n"},
    {EDIT_KIND_SET, "aa = 1\n", {"a=2"}, "aa = 1\na = 2\n"},
    {EDIT_KIND_SET, "#a = 1\n", {"a=2"}, "#a = 1\na = 2\n"},
    {EDIT_KIND_SET, "a = 1\nb = 2\n", {"b=3", "a=4"}, "a = 4\nb = 3\n"},
    {EDIT_KIND_SET, "a = 1\n", {"a=2", "a=3"}, "a = 3\n"},
    {EDIT_KIND_SET, "", {"a=2", "a=3"}, "a = 3\n"},
    {EDIT_KIND_SET, "nonsense\n", {"a=1"}, "nonsense\na = 1\n"},
    {EDIT_KIND_REMOVE, "a = 1\n 2\n# c\nb = 3\na = 4", {"a"}, "# c\nb = 3\n"},
    {EDIT_KIND_REMOVE, "a = 1\n", {"b"}, "a = 1\n"},
    {EDIT_KIND_COMMENT, "a = 1\n # in\n 2\nb = 3\na = 4", {"a"},
	"#a = 1\n # in\n# 2\nb = 3\n#a = 4"},
};

static void
test_apply(void **state UNUSED)
{
	struct error error;
	struct buf out;

	buf_init(&out, 1000);
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct edit edits[2];
		size_t count = 0;

		for (; cases[i].settings[count] != NULL; count++)
			assert_true(edit_parse(cases[i].kind,
			    span_text(cases[i].settings[count]), &edits[count],
			    &error));
		buf_clear(&out);
		assert_true(edit_apply(
		    span_text(cases[i].main_cf), edits, count, &out, &error));
		assert_span(buf_span(&out), cases[i].changed);
	}
	buf_finish(&out);
}

static void
test_refuse(void **state UNUSED)
{
	struct error error;
	struct edit edit;
	struct buf out;

	assert_false(edit_parse(EDIT_KIND_SET, SPAN("a"), &edit, &error));
	assert_string_equal(error.text, "expected name=value, found \"a\"");
	assert_false(
	    edit_parse(EDIT_KIND_SET, SPAN("a=1\nb=2"), &edit, &error));
	assert_string_equal(error.text, "expected one line for a");
	assert_false(edit_parse(EDIT_KIND_SET, SPAN("#a=1"), &edit, &error));
	assert_true(
	    edit_parse(EDIT_KIND_SET, SPAN("a=123456789"), &edit, &error));
	assert_false(edit_parse(EDIT_KIND_REMOVE, SPAN("a=1"), &edit, &error));
	assert_string_equal(
	    error.text, "expected the name of a parameter, found \"a=1\"");
	assert_false(edit_parse(EDIT_KIND_COMMENT, SPAN(""), &edit, &error));
	assert_true(
	    edit_parse(EDIT_KIND_SET, SPAN("a=123456789"), &edit, &error));
	buf_init(&out, 10);
	assert_false(edit_apply(SPAN(""), &edit, 1, &out, &error));
	assert_int_equal(error.kind, ERROR_LIMIT);
	buf_finish(&out);
}

static void
test_replace(void **state UNUSED)
{
	char path[] = "/tmp/test_edit.XXXXXX";
	struct error error;
	struct stat status;
	struct buf text;
	int directory_fd;

	assert_non_null(mkdtemp(path));
	directory_fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_false(replace_file(directory_fd, "main.cf", SPAN("x"), &error));
	assert_int_equal(faccessat(directory_fd, "main.cf", F_OK, 0), -1);
	assert_int_equal(
	    close(openat(directory_fd, "main.cf", O_CREAT | O_WRONLY, 0640)),
	    0);
	assert_int_equal(fchmodat(directory_fd, "main.cf", 0640, 0), 0);
	assert_true(
	    replace_file(directory_fd, "main.cf", SPAN("a = 1\n"), &error));
	buf_init(&text, 100);
	assert_true(io_read_file(directory_fd, "main.cf", &text, &error));
	assert_span(buf_span(&text), "a = 1\n");
	assert_int_equal(fstatat(directory_fd, "main.cf", &status, 0), 0);
	assert_int_equal(status.st_mode & 07777, 0640);
	assert_int_equal(unlinkat(directory_fd, "main.cf", 0), 0);
	assert_int_equal(rmdir(path), 0);
	io_close(&directory_fd);
	buf_finish(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_apply),
	    cmocka_unit_test(test_refuse),
	    cmocka_unit_test(test_replace),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
