/* SPDX-License-Identifier: MIT */
#include "lib/mail/command.h"

#include "../../unit.h"

static const struct {
	const char *line;
	enum verb verb;
	const char *rest;
} lines[] = {
    {"EHLO host", VERB_EHLO, "host"},
    {"helo host ", VERB_HELO, "host"},
    {"MAIL FROM:<a@b> SIZE=1", VERB_MAIL, "FROM:<a@b> SIZE=1"},
    {"  rCpT\tTO:<a@b>", VERB_RCPT, "TO:<a@b>"},
    {"QUIT", VERB_QUIT, ""},
    {"DATA ", VERB_DATA, ""},
    {"STARTTLS", VERB_STARTTLS, ""},
    {"XCLIENT NAME=x", VERB_XCLIENT, "NAME=x"},
    {"DAT", VERB_UNKNOWN, ""},
    {"DATAX", VERB_UNKNOWN, ""},
    {"UNKNOWN", VERB_UNKNOWN, ""},
    {"GET / HTTP/1.1", VERB_UNKNOWN, "/ HTTP/1.1"},
    {"", VERB_UNKNOWN, ""},
    {"\x16\x03\x01", VERB_UNKNOWN, ""},
};

static void
test_verbs(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(lines); i++) {
		struct command command =
		    command_parse(span_text(lines[i].line));

		assert_int_equal(command.verb, lines[i].verb);
		assert_span(command.rest, lines[i].rest);
	}
	assert_int_equal(command_parse(SPAN("QUIT\0")).verb, VERB_UNKNOWN);
}

static void
test_names_lead_back(void **state UNUSED)
{
	for (enum verb verb = 0; verb < VERB_COUNT; verb++) {
		struct command command =
		    command_parse(span_text(verb_name(verb)));

		assert_int_equal(command.verb, verb);
	}
}

#define TOO_MANY                                                              \
	"FROM:<a@b> A=1 B=1 C=1 D=1 E=1 F=1 G=1 H=1 I=1 J=1 K=1 L=1 M=1 N=1 " \
	"O=1 P=1 Q=1"

static const struct {
	const char *rest;
	unsigned flags;
	enum command_result result;
	const char *address;
	const char *parameters; /* "NAME=value;" of each */
} paths[] = {
    {"FROM:<a@b>", 0, COMMAND_OK, "a@b", ""},
    {"from:<a@b> SIZE=10 body=8BITMIME", 0, COMMAND_OK, "a@b",
	"SIZE=10;body=8BITMIME;"},
    {"FROM:<> SMTPUTF8  RET=HDRS\t", PATH_NULL, COMMAND_OK, "",
	"SMTPUTF8=;RET=HDRS;"},
    {"FROM: <a@b> X-Y=1=2", PATH_LENIENT, COMMAND_OK, "a@b", "X-Y=1=2;"},
    {"FROM:a@b SIZE=1", PATH_LENIENT, COMMAND_OK, "a@b", "SIZE=1;"},
    {"FROM:<a@b> AUTH=<>", 0, COMMAND_OK, "a@b", "AUTH=<>;"},
    {"FROM:<a@b> X=\xc3\xbc", PATH_UTF8, COMMAND_OK, "a@b", "X=\xc3\xbc;"},
    {"", 0, COMMAND_BAD_SYNTAX, NULL, NULL},
    {"FROM", 0, COMMAND_BAD_SYNTAX, NULL, NULL},
    {"FROM :<a@b>", PATH_LENIENT, COMMAND_BAD_SYNTAX, NULL, NULL},
    {"TO:<a@b>", 0, COMMAND_BAD_SYNTAX, NULL, NULL},
    {"FROM:", PATH_NULL | PATH_LENIENT, COMMAND_BAD_ADDRESS, NULL, NULL},
    {"FROM:<a@>", 0, COMMAND_BAD_ADDRESS, NULL, NULL},
    {"FROM: <a@b>", 0, COMMAND_BAD_ADDRESS, NULL, NULL},
    {"FROM:<a@b>SIZE=1", 0, COMMAND_BAD_ADDRESS, NULL, NULL},
    {"FROM:<a@b> SIZE=", 0, COMMAND_BAD_PARAMETER, NULL, NULL},
    {"FROM:<a@b> =1", 0, COMMAND_BAD_PARAMETER, NULL, NULL},
    {"FROM:<a@b> -A=1", 0, COMMAND_BAD_PARAMETER, NULL, NULL},
    {"FROM:<a@b> A_B=1", 0, COMMAND_BAD_PARAMETER, NULL, NULL},
    {"FROM:<a@b> A=\x01", 0, COMMAND_BAD_PARAMETER, NULL, NULL},
    {"FROM:<a@b> A=\xc3\xbc", 0, COMMAND_BAD_PARAMETER, NULL, NULL},
    {"FROM:<a@b> A=\xff", PATH_UTF8, COMMAND_BAD_PARAMETER, NULL, NULL},
    {"FROM:<a@b> SIZE=1 size=2", 0, COMMAND_BAD_PARAMETER, NULL, NULL},
    {TOO_MANY, 0, COMMAND_BAD_PARAMETER, NULL, NULL},
};

static void
check_parameters(const struct command_path *path, const char *want)
{
	struct buf out;

	buf_init(&out, 1000);
	for (unsigned i = 0; i < path->parameter_count; i++)
		buf_printf(&out, "%.*s=%.*s;",
		    SPAN_ARGS(path->parameters[i].name),
		    SPAN_ARGS(path->parameters[i].value));
	assert_span(buf_span(&out), want);
	buf_finish(&out);
}

static void
test_paths(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(paths); i++) {
		struct pool *pool = pool_create(NULL, "test", 1 << 16);
		struct command_path path;
		struct error error;

		if (command_parse_path(pool, span_text(paths[i].rest),
			SPAN("FROM"), paths[i].flags, &path,
			&error) != paths[i].result)
			fail_msg("%s: %s", paths[i].rest, error.text);
		if (paths[i].result == COMMAND_OK) {
			assert_span(path.address.text, paths[i].address);
			check_parameters(&path, paths[i].parameters);
		} else {
			assert_int_not_equal(error.kind, ERROR_NONE);
		}
		pool_destroy(pool);
	}
}

static void
test_find_parameter(void **state UNUSED)
{
	struct pool *pool = pool_create(NULL, "test", 1 << 16);
	struct command_path path;
	struct span value;

	assert_int_equal(command_parse_path(pool,
			     SPAN("TO:<a@b> Notify=NEVER ORCPT=rfc822;a@b"),
			     SPAN("TO"), 0, &path, NULL),
	    COMMAND_OK);
	assert_true(command_find_parameter(&path, SPAN("NOTIFY"), &value));
	assert_span(value, "NEVER");
	assert_true(command_find_parameter(&path, SPAN("orcpt"), &value));
	assert_span(value, "rfc822;a@b");
	assert_false(command_find_parameter(&path, SPAN("SIZE"), &value));
	pool_destroy(pool);
}

static const struct {
	const char *rest;
	bool good;
	uint64_t size;
	bool last;
} chunks[] = {
    {"0", true, 0, false},
    {"10", true, 10, false},
    {"00000001", true, 1, false},
    {"10 LAST", true, 10, true},
    {"0 last", true, 0, true},
    {"9223372036854775807", true, INT64_MAX, false},
    {"9223372036854775808", false, 0, false},
    {"18446744073709551616", false, 0, false},
    {"-1", false, 0, false},
    {"+1", false, 0, false},
    {"1x", false, 0, false},
    {"", false, 0, false},
    {"LAST", false, 0, false},
    {"1 LAST LAST", false, 0, false},
    {"1 FIRST", false, 0, false},
};

static void
test_bdat(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(chunks); i++) {
		uint64_t size;
		bool last;
		bool good =
		    command_parse_bdat(span_text(chunks[i].rest), &size, &last);

		assert_int_equal(good, chunks[i].good);
		if (good) {
			assert_int_equal(size, chunks[i].size);
			assert_int_equal(last, chunks[i].last);
		}
	}
}

static const struct {
	const char *rest;
	const char *name; /* NULL: refused */
} hellos[] = {
    {"host.example", "host.example"},
    {"[192.0.2.1]", "[192.0.2.1]"},
    {"host and more", "host"},
    {"b\xc3\xbc"
     "cher.example",
	"b\xc3\xbc"
	"cher.example"},
    {"", NULL},
    {"a\x07"
     "b",
	NULL},
    {"a\rReceived:", NULL},
    {"a\xff", NULL},
    {"a\xe2\x80\x8b", NULL},
};

static void
test_hello(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(hellos); i++) {
		struct span name;
		bool good =
		    command_parse_hello(span_text(hellos[i].rest), &name);

		assert_int_equal(good, hellos[i].name != NULL);
		if (good)
			assert_span(name, hellos[i].name);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_verbs),
	    cmocka_unit_test(test_names_lead_back),
	    cmocka_unit_test(test_paths),
	    cmocka_unit_test(test_find_parameter),
	    cmocka_unit_test(test_bdat),
	    cmocka_unit_test(test_hello),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
