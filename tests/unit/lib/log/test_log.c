/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/log/log.h"
#include "lib/log/template.h"

#include "../../unit.h"

static void
templates_are_filled(void **state UNUSED)
{
	static const struct {
		const char *template;
		const char *want;
	} cases[] = {
	    {"plain", "plain"},
	    {"to=<{to}>, n={n}", "to=<a@b>, n=42"},
	    {"x(( y={to}))z", "x y=a@bz"},
	    {"x(( y={absent}))z", "xz"},
	    {"x(( y={to} {absent}))z", "xz"},
	    {"({to})", "(a@b)"},
	    {"{absent}", ""},
	    {"((a={n}))((b={to}))", "a=42b=a@b"},
	};
	struct log_field fields[] = {
	    log_text("to", SPAN("a@b")), log_number("n", 42)};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct buf out;

		buf_init(&out, 1000);
		template_fill(
		    &out, cases[i].template, fields, COUNT_OF(fields));
		assert_string_equal(buf_text(&out), cases[i].want);
		buf_finish(&out);
	}
}

static void
addresses_cannot_look_like_more(void **state UNUSED)
{
	static const struct {
		const char *address;
		const char *want;
	} cases[] = {
	    {"", "<>"},
	    {"a.b+c@d.example", "<a.b+c@d.example>"},
	    {"postmaster", "<postmaster>"},
	    {"a>, to=<b@c.example", "<\"a>, to=<b\"@c.example>"},
	    {"a\"\\b@c@d.example", "<\"a\\\"\\\\b@c\"@d.example>"},
	    {"a b\n", "<\"a b?\">"},
	    {"\xc3\xa4 \"@d.example", "<\"\xc3\xa4 \\\"\"@d.example>"},
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct log_field field =
		    log_address("to", span_text(cases[i].address));
		struct buf out;

		buf_init(&out, 1000);
		template_fill(&out, "<{to}>", &field, 1);
		assert_string_equal(buf_text(&out), cases[i].want);
		buf_finish(&out);
	}
}

static size_t
read_pipe(int fd, char *text, size_t size)
{
	ssize_t got = read(fd, text, size - 1);

	assert_true(got >= 0);
	text[got] = '\0';
	return (size_t)got;
}

static void
open_pipe_log(int fd, bool json)
{
	log_open(&(struct log_settings){
	    .sink = LOG_SINK_FILE,
	    .fd = fd,
	    .syslog_name = "postfix",
	    .program = "smtpd",
	    .host = "mail",
	    .json = json,
	    .batch = true,
	});
}

static void
classic_lines_look_as_postfix_writes_them(void **state UNUSED)
{
	struct log_context context = {.queue_id = SPAN("4abcZ")};
	char text[1000];
	char want[100];
	int fds[2];

	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	open_pipe_log(fds[1], false);
	log_event(&context, LOG_MESSAGE_CLIENT,
	    log_text("client", SPAN("a.example")),
	    log_text("address", SPAN("192.0.2.1")));
	log_warning(NULL, "odd \x01 byte");
	log_flush();
	read_pipe(fds[0], text, sizeof text);
	snprintf(want, sizeof want,
	    " mail postfix/smtpd[%d]: 4abcZ: client=a.example[192.0.2.1]\n",
	    (int)getpid());
	assert_non_null(strstr(text, want));
	assert_non_null(strstr(text, ": warning: odd ? byte\n"));
	close(fds[0]);
	close(fds[1]);
}

static void
json_lines_name_their_fields(void **state UNUSED)
{
	struct log_context context = {.queue_id = SPAN("4abcZ")};
	char text[1000];
	int fds[2];

	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	open_pipe_log(fds[1], true);
	log_event(&context, LOG_MESSAGE_ID,
	    log_text("message_id", SPAN("<\"x\\y\">")));
	log_flush();
	read_pipe(fds[0], text, sizeof text);
	assert_non_null(strstr(text, "\"queue_id\":\"4abcZ\""));
	assert_non_null(strstr(text, "\"event\":\"MESSAGE_ID\""));
	assert_non_null(strstr(text, "\"message_id\":\"<\\\"x\\\\y\\\">\"}\n"));
	close(fds[0]);
	close(fds[1]);
}

static void
a_dead_sink_loses_lines_and_counts_them(void **state UNUSED)
{
	uint64_t before = log_lost();
	int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	open_pipe_log(fd, false);
	log_info(NULL, "one");
	log_info(NULL, "two");
	log_flush();
	assert_int_equal(log_lost(), before + 2);
	close(fd);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(templates_are_filled),
	    cmocka_unit_test(addresses_cannot_look_like_more),
	    cmocka_unit_test(classic_lines_look_as_postfix_writes_them),
	    cmocka_unit_test(json_lines_name_their_fields),
	    cmocka_unit_test(a_dead_sink_loses_lines_and_counts_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
