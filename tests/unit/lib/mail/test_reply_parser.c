/* SPDX-License-Identifier: MIT */
#include "lib/mail/reply_parser.h"

#include "../../unit.h"

/* Lines separated by '|'. */
static const struct {
	const char *lines;
	enum reply_progress progress; /* after the last line */
	uint16_t code;
	struct reply_status status;
	const char *text;
} cases[] = {
    {"250 2.1.0 Ok", REPLY_DONE, 250, {2, 1, 0}, "Ok"},
    {"250 Ok", REPLY_DONE, 250, {0}, "Ok"},
    {"250", REPLY_DONE, 250, {0}, ""},
    {"250 ", REPLY_DONE, 250, {0}, ""},
    {"550 5.7.2", REPLY_DONE, 550, {5, 7, 2}, ""},
    {"250-host|250-PIPELINING|250 SIZE", REPLY_DONE, 250, {0},
	"host\nPIPELINING\nSIZE"},
    {"550-5.7.1 one|550-5.7.1 two|550 5.7.9 three", REPLY_DONE, 550, {5, 7, 1},
	"one\ntwo\n5.7.9 three"},
    {"550-one|550 5.7.1 two", REPLY_DONE, 550, {0}, "one\n5.7.1 two"},
    {"450 5.7.1 class differs", REPLY_DONE, 450, {0}, "5.7.1 class differs"},
    {"354 go", REPLY_DONE, 354, {0}, "go"},
    {"250-a|250", REPLY_DONE, 250, {0}, "a\n"},
    {"250-a|250-", REPLY_MORE, 250, {0}, "a\n"},
    {"550 a\tb\x1b[2J", REPLY_DONE, 550, {0}, "a?b?[2J"},
    {"550 caf\xe9", REPLY_DONE, 550, {0}, "caf\xe9"},
    {"250-a|251 b", REPLY_INVALID, 0, {0}, NULL},
    {"250-a|junk", REPLY_INVALID, 0, {0}, NULL},
    {"25O Ok", REPLY_INVALID, 0, {0}, NULL},
    {"2500 Ok", REPLY_INVALID, 0, {0}, NULL},
    {"250_Ok", REPLY_INVALID, 0, {0}, NULL},
    {"999 x", REPLY_INVALID, 0, {0}, NULL},
    {"000 x", REPLY_INVALID, 0, {0}, NULL},
    {"150 x", REPLY_INVALID, 0, {0}, NULL},
    {"25", REPLY_INVALID, 0, {0}, NULL},
    {" 250 x", REPLY_INVALID, 0, {0}, NULL},
    {"-50 x", REPLY_INVALID, 0, {0}, NULL},
    {"", REPLY_INVALID, 0, {0}, NULL},
    {"SSH-2.0-x", REPLY_INVALID, 0, {0}, NULL},
};

static void
test_cases(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct reply_parser parser = {0};
		struct span rest = span_text(cases[i].lines);
		enum reply_progress progress = REPLY_MORE;
		struct reply reply;
		struct error error;
		struct span line;
		bool more = true;

		while (more) {
			assert_int_equal(progress, REPLY_MORE);
			more = span_split(rest, '|', &line, &rest);
			progress = reply_parser_line(
			    &parser, line, &reply, NULL, &error);
		}
		assert_int_equal(progress, cases[i].progress);
		if (progress == REPLY_INVALID)
			continue;
		assert_int_equal(reply.code, cases[i].code);
		assert_memory_equal(
		    &reply.status, &cases[i].status, sizeof reply.status);
		assert_string_equal(reply.text, cases[i].text);
	}
}

static void
test_parser_is_ready_again(void **state UNUSED)
{
	struct reply_parser parser = {0};
	struct reply reply;
	struct span text;

	assert_int_equal(
	    reply_parser_line(&parser, SPAN("250-one"), &reply, &text, NULL),
	    REPLY_MORE);
	assert_span(text, "one");
	assert_int_equal(
	    reply_parser_line(&parser, SPAN("250 two"), &reply, &text, NULL),
	    REPLY_DONE);
	assert_int_equal(
	    reply_parser_line(&parser, SPAN("550 three"), &reply, &text, NULL),
	    REPLY_DONE);
	assert_int_equal(reply.code, 550);
	assert_string_equal(reply.text, "three");
}

static void
test_nul_is_replaced(void **state UNUSED)
{
	struct reply_parser parser = {0};
	struct reply reply;

	assert_int_equal(
	    reply_parser_line(&parser, SPAN("550 a\0b"), &reply, NULL, NULL),
	    REPLY_DONE);
	assert_string_equal(reply.text, "a?b");
}

/* ATK 21: a greeting without end. */
static void
test_endless_reply(void **state UNUSED)
{
	struct reply_parser parser = {0};
	struct reply reply;
	struct error error;

	for (unsigned i = 0; i < REPLY_LINES_MAXIMUM; i++)
		assert_int_equal(
		    reply_parser_line(
			&parser, SPAN("220-more text"), &reply, NULL, &error),
		    REPLY_MORE);
	assert_int_equal(strlen(reply.text), REPLY_TEXT_SIZE - 1);
	assert_int_equal(
	    reply_parser_line(&parser, SPAN("220-x"), &reply, NULL, &error),
	    REPLY_INVALID);
	assert_int_equal(error.kind, ERROR_LIMIT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_cases),
	    cmocka_unit_test(test_parser_is_ready_again),
	    cmocka_unit_test(test_nul_is_replaced),
	    cmocka_unit_test(test_endless_reply),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
