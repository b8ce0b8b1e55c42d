/* SPDX-License-Identifier: MIT */
#include <sys/stat.h>

#include <fcntl.h>
#include <unistd.h>

#include "lib/base/io.h"

#include "../unit.h"
#include "master/generation.h"

static char directory[] = "/tmp/postern-generation-XXXXXX";

static void
write_file(const char *name, const char *text, mode_t mode)
{
	char path[200];
	int fd;

	snprintf(path, sizeof path, "%s/%s", directory, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
	assert_true(fd >= 0);
	assert_true(io_write(fd, span_text(text), NULL));
	io_close(&fd);
}

static int
make_directory(void **state UNUSED)
{
	static const char *const programs[] = {"smtpd", "cleanup", "qmgr",
	    "lookup", "dns", "pickup", "showq", "smtp", "local", "virtual",
	    "bounce", "launcher", "keyd"};

	if (mkdtemp(directory) == NULL)
		return -1;
	for (size_t i = 0; i < COUNT_OF(programs); i++)
		write_file(programs[i], "", 0755);
	return 0;
}

static int
remove_directory(void **state UNUSED)
{
	char command[200];

	snprintf(command, sizeof command, "rm -r %s", directory);
	return system(command);
}

static struct generation *
load(const char *main_cf, const char *master_cf, struct error *error)
{
	struct images images = {.replaced = false};
	struct generation *generation;
	char text[2000];

	snprintf(text, sizeof text,
	    "mail_owner =\ncompatibility_level = 3.6\n"
	    "daemon_directory = %s\nrun_directory = %s/run\n"
	    "queue_directory = %s/queue\n%s",
	    directory, directory, directory, main_cf);
	write_file("main.cf", text, 0644);
	write_file("master.cf", master_cf, 0644);
	generation = generation_load(directory, 7, &images, error);
	for (size_t i = 0; i < COUNT_OF(images.at); i++)
		if (images.at[i] > 0)
			io_close(&images.at[i]);
	return generation;
}

static struct role *
find_inet(struct generation *generation, const char *name)
{
	for (size_t i = 0; i < generation->role_count; i++)
		if (generation->roles[i].is_inet &&
		    strcmp(generation->roles[i].name, name) == 0)
			return &generation->roles[i];
	return NULL;
}

static void
test_roles(void **state UNUSED)
{
	struct error error;
	struct generation *generation = load("",
	    "2525 inet n - n - - smtpd\n"
	    "smtp unix - - n - - smtp\n"
	    "relay unix - - n - - smtp -o { smtp_x = a b } -o y=$myhostname\n"
	    "tlsmgr unix - - n 1000 1 tlsmgr\n"
	    "error unix - - n - - error\n"
	    "defer unix - - n - 0 bounce\n"
	    "dovecot unix - n n - - pipe user=x argv=/bin/x\n"
	    "smtpd pass - - n - - smtpd\n",
	    &error);
	const struct role *relay;

	assert_non_null(generation);
	assert_true(generation_has_one_user(generation));
	assert_int_equal(generation->number, 7);
	assert_non_null(find_inet(generation, "2525"));
	relay = generation_find(generation, SPAN("relay"));
	assert_non_null(relay);
	assert_string_equal(relay->program->name, "smtp");
	assert_true(
	    span_ends(relay->overrides, SPAN("\nsmtp_x=a b\ny=$myhostname\n")));
	assert_false(relay->becomes);
	/* Built in, whatever master.cf says. */
	assert_non_null(generation_find(generation, SPAN("cleanup")));
	assert_non_null(generation_find(generation, SPAN("launcher")));
	assert_null(generation_find(generation, SPAN("tlsmgr")));
	assert_null(generation_find(generation, SPAN("error")));
	assert_null(generation_find(generation, SPAN("defer")));
	assert_null(generation_find(generation, SPAN("dovecot")));
	generation_destroy(generation);
}

static void
test_limits(void **state UNUSED)
{
	static const struct {
		const char *main_cf;
		const char *line;
		uint32_t dial;
		uint32_t limit;
	} cases[] = {
	    {"", "2525 inet n - n - - smtpd\n", 1000, 10},
	    {"", "2525 inet n - n - 100 smtpd\n", 100, 1},
	    {"", "2525 inet n - n - 0 smtpd\n", 1000, 500},
	    {"", "submission inet n - n - - smtpd\n", 100, 100},
	    {"default_process_limit = 50\n", "2525 inet n - n - - smtpd\n", 50,
		1},
	    {"smtpd_sessions_per_process = 1\n", "2525 inet n - n - 7 smtpd\n",
		1, 7},
	    {"smtpd_sessions_per_process = 10\n",
		"2525 inet n - n - 25 smtpd -o smtpd_sessions_per_process=4\n",
		4, 7},
	    {"2525_sessions_per_process = 3\n", "2525 inet n - n - 7 smtpd\n",
		3, 3},
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct error error;
		struct generation *generation =
		    load(cases[i].main_cf, cases[i].line, &error);
		const struct role *role;

		if (generation == NULL)
			fail_msg("%s", error.text);
		role = &generation->roles[0];
		assert_int_equal(role->dial, cases[i].dial);
		assert_int_equal(role->limit, cases[i].limit);
		assert_in_range(role->base, 1, role->limit);
		assert_int_equal(generation->instance.warnings.count, 0);
		generation_destroy(generation);
	}
}

/* Addresses that the names of inet services stand for. */
static void
test_inet(void **state UNUSED)
{
	static const struct {
		const char *main_cf;
		const char *name;
		const char *addresses;
	} cases[] = {
	    {"inet_protocols = ipv4\n", "2525", "0.0.0.0/2525 "},
	    {"inet_protocols = all\n", "smtp", "0.0.0.0/25 ::/25 "},
	    {"inet_interfaces = loopback-only\n", "465",
		"127.0.0.1/465 ::1/465 "},
	    {"inet_interfaces = 192.0.2.1, [2001:db8::1]\n", "25",
		"192.0.2.1/25 2001:db8::1/25 "},
	    {"inet_interfaces = 192.0.2.1 192.0.2.1\n", "25", "192.0.2.1/25 "},
	    {"inet_protocols = ipv6\ninet_interfaces = loopback-only\n", "25",
		"::1/25 "},
	    {"", "192.0.2.7:submission", "192.0.2.7/587 "},
	    {"", "[::1]:25", "::1/25 "},
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct error error;
		struct generation *generation;
		const struct listener_list *list;
		char line[200];
		char text[ADDRESS_TEXT_SIZE];
		struct buf found;

		snprintf(line, sizeof line, "%s inet n - n - - smtpd\n",
		    cases[i].name);
		generation = load(cases[i].main_cf, line, &error);
		if (generation == NULL)
			fail_msg("%s", error.text);
		list = &generation->roles[0].listeners;
		buf_init(&found, 1000);
		for (size_t k = 0; k < list->count; k++)
			buf_printf(&found, "%s/%u ",
			    address_format_ip(&list->at[k].address, text),
			    address_port(&list->at[k].address));
		assert_span(buf_span(&found), cases[i].addresses);
		buf_finish(&found);
		generation_destroy(generation);
	}
}

static void
test_errors(void **state UNUSED)
{
	static const struct {
		const char *main_cf;
		const char *master_cf;
		const char *want; /* part of the text */
	} cases[] = {
	    {"", "x\n", "master.cf, line 1"},
	    {"", "x unix - - n - - frobnicate\n",
		"master.cf, line 1: unknown program frobnicate"},
	    {"", "\nx unix - - n - - smtpd\n",
		"master.cf, line 2: smtpd needs type inet, not unix"},
	    {"", "25 inet n - n - - smtp\n", "smtp needs type unix, not inet"},
	    {"", "no-such-port inet n - n - - smtpd\n", "no-such-port"},
	    {"", "a:b:c inet n - n - - smtpd\n", "master.cf, line 1"},
	    {"smtpd_sessions_per_process = many\n", "25 inet n - n - - smtpd\n",
		"smtpd_sessions_per_process = many: expected a number"},
	    {"smtpd_sessions_per_process = 0\n", "25 inet n - n - - smtpd\n",
		"expected a number from 1 to 65535"},
	    {"max_idle = 5x\n", "", "max_idle = 5x"},
	    {"content_filter = scan:x\n", "", "content_filter"},
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct error error = {.text = ""};

		assert_null(load(cases[i].main_cf, cases[i].master_cf, &error));
		if (strstr(error.text, cases[i].want) == NULL)
			fail_msg(
			    "have <%s>\nwant <%s>", error.text, cases[i].want);
	}
}

static void
test_sealed(void **state UNUSED)
{
	struct error error;
	struct generation *generation = load("", "# nothing\n", &error);
	struct generation *other;

	assert_non_null(generation);
	assert_true(pwrite(generation->main_cf, "x", 1, 0) < 0);
	assert_true(ftruncate(generation->master_cf_file, 0) < 0);
	other = load("", "# nothing\n", &error);
	assert_true(generation_same_texts(generation, other));
	generation_destroy(other);
	other = load("# another\n", "# nothing\n", &error);
	assert_false(generation_same_texts(generation, other));
	generation_destroy(other);
	generation_destroy(generation);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_roles),
	    cmocka_unit_test(test_limits),
	    cmocka_unit_test(test_inet),
	    cmocka_unit_test(test_errors),
	    cmocka_unit_test(test_sealed),
	};

	/* An instance of one user does not load as root. */
	if (geteuid() == 0 && (setgid(65534) < 0 || setuid(65534) < 0))
		return 1;
	return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
