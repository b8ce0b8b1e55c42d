/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <unistd.h>

#include "lib/base/io.h"

#include "../../unit.h"
#include "master/postern/survey.h"

static char directory[] = "/tmp/postern-survey-XXXXXX";

static void
write_file(const char *name, const char *text)
{
	char path[100];
	int fd;

	snprintf(path, sizeof path, "%s/%s", directory, name);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_true(io_write(fd, span_text(text), NULL));
	io_close(&fd);
}

static void
remove_file(const char *name)
{
	char path[100];

	snprintf(path, sizeof path, "%s/%s", directory, name);
	assert_int_equal(unlink(path), 0);
}

static void
test_find_package(void **state UNUSED)
{
	char package[40];

	assert_non_null(mkdtemp(directory));
	write_file("exim4.list", "/.\n/usr/sbin\n/usr/sbin/exim\n");
	write_file("postfix.list", "/usr/sbin\n/usr/sbin/sendmail");
	write_file("nullmailer.list", "/usr/sbin/sendmail.old\n");
	write_file("readme", "/usr/bin/mailq\n");
	assert_true(survey_find_package(
	    directory, "/usr/sbin/sendmail", package, sizeof package));
	assert_string_equal(package, "postfix");
	assert_true(survey_find_package(
	    directory, "/usr/sbin/exim", package, sizeof package));
	assert_string_equal(package, "exim4");
	assert_false(survey_find_package(
	    directory, "/usr/bin/mailq", package, sizeof package));
	assert_false(survey_find_package(
	    "/nonexistent", "/usr/sbin/exim", package, sizeof package));
	remove_file("exim4.list");
	remove_file("postfix.list");
	remove_file("nullmailer.list");
	remove_file("readme");
	assert_int_equal(rmdir(directory), 0);
}

static void
test_is_open(void **state UNUSED)
{
	static const struct {
		struct stat directory;
		bool is_open;
	} cases[] = {
	    {{.st_mode = S_IFDIR | 0755}, false},
	    {{.st_mode = S_IFDIR | 0777}, true},
	    {{.st_mode = S_IFDIR | 01777}, false},
	    {{.st_mode = S_IFDIR | 0775}, false},
	    {{.st_mode = S_IFDIR | 0775, .st_gid = 8}, true},
	    {{.st_mode = S_IFDIR | 0755, .st_uid = 1000}, false},
	    {{.st_mode = S_IFDIR | 0775, .st_uid = 1000, .st_gid = 9}, false},
	    {{.st_mode = S_IFDIR | 0755, .st_uid = 1001}, true},
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++)
		assert_int_equal(survey_is_open(&cases[i].directory, 1000),
		    cases[i].is_open);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_find_package),
	    cmocka_unit_test(test_is_open),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
