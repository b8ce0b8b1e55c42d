/* SPDX-License-Identifier: MIT */
#include "../../unit.h"
#include "qmgr/postqueue/decoder.h"

enum {
	TOLD_MAXIMUM = 1024
};

static void tell(void *owner, const char *format, ...) PRINTF_LIKE(2, 3);

static void
tell(void *owner, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	buf_vprintf(owner, format, arguments);
	va_end(arguments);
}

static void
tell_message(void *owner, const struct decoded_message *message)
{
	tell(owner, "[%.*s %.*s %.*s %.*s %.*s <%.*s>",
	    SPAN_ARGS(message->queue_name), SPAN_ARGS(message->queue_id),
	    SPAN_ARGS(message->time), SPAN_ARGS(message->size),
	    SPAN_ARGS(message->forced_expire), SPAN_ARGS(message->sender));
}

static void
tell_recipient(void *owner, const struct decoded_recipient *recipient)
{
	tell(owner, " (%.*s %.*s %.*s %.*s)", SPAN_ARGS(recipient->original),
	    SPAN_ARGS(recipient->address), SPAN_ARGS(recipient->log_class),
	    SPAN_ARGS(recipient->reason));
}

static void
tell_end(void *owner)
{
	tell(owner, "]");
}

static const struct decoder_events events = {
    .message = tell_message,
    .recipient = tell_recipient,
    .message_end = tell_end,
};

#define INPUT(literal)                       \
	{                                    \
		literal, sizeof(literal) - 1 \
	}
#define PROTOCOL "protocol\0mail_queue_list_protocol\0\0"

static const struct {
	struct span input;
	const char *want; /* NULL: refused */
	bool complete;
} cases[] = {
    {INPUT(PROTOCOL "\0"), "", true},
    {INPUT(PROTOCOL), "", false},
    {INPUT(""), "", false},
    {INPUT("protocol\0other\0"), NULL, false},
    {INPUT("colour\0"), NULL, false},
    {INPUT(PROTOCOL "\0x\0"), NULL, false},
    {INPUT(PROTOCOL "queue_name\0hold\0queue_id\0Q1\0time\0"
		    "7\0size\0"
		    "9\0"
		    "forced_expire\0"
		    "0\0sender\0a@b\0\0\0"),
	"[hold Q1 7 9 0 <a@b>]", true},
    {INPUT(PROTOCOL "queue_name\0x\0original_recipient\0\0recipient\0c\0"
		    "log_class\0defer\0reason\0no\0original_recipient\0o\0"
		    "recipient\0d\0log_class\0\0reason\0\0\0"
		    "queue_id\0Q2\0\0\0"),
	"[x     <> ( c defer no) (o d  )][ Q2    <>]", true},
    /* Names of later versions, and an older sender without log_class. */
    {INPUT(PROTOCOL "colour\0red\0queue_id\0Q3\0original_recipient\0\0"
		    "recipient\0c\0reason\0why\0shape\0round\0\0\0"),
	"[ Q3    <> ( c  why)]", true},
};

static void
decode(struct span input, size_t piece, const char *want, bool complete)
{
	struct decoder decoder;
	struct buf told;
	bool good = true;

	buf_init(&told, TOLD_MAXIMUM);
	decoder_init(&decoder, &events, &told);
	while (good && input.len > 0) {
		good = decoder_feed(&decoder, span_head(input, piece), NULL);
		input = span_skip(input, piece);
	}
	assert_int_equal(good, want != NULL);
	if (want != NULL) {
		assert_span(buf_span(&told), want);
		assert_int_equal(decoder_is_complete(&decoder), complete);
	}
	decoder_finish(&decoder);
	buf_finish(&told);
}

static void
test_cases(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		for (size_t piece = 1; piece < 40; piece += 6)
			decode(cases[i].input, piece, cases[i].want,
			    cases[i].complete);
}

static void
test_limit(void **state UNUSED)
{
	static char long_name[DECODER_TEXT_MAXIMUM + 2];
	struct decoder decoder;
	struct error error;

	memset(long_name, 'x', sizeof long_name);
	decoder_init(&decoder, &events, NULL);
	assert_false(decoder_feed(
	    &decoder, span_of(long_name, sizeof long_name), &error));
	assert_int_equal(error.kind, ERROR_LIMIT);
	decoder_finish(&decoder);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_cases),
	    cmocka_unit_test(test_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
