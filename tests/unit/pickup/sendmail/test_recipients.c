/* SPDX-License-Identifier: MIT */
#include "../../unit.h"
#include "pickup/sendmail/recipients.h"

/* `want`: the addresses, each followed by a blank; NULL: refused. */
static const struct {
	const char *header; /* of the message, or... */
	const char *word;   /* ... one word of the command line */
	const char *want;
} cases[] = {
    {NULL, "a@b", "a@b "},
    {NULL, "a@b, c@d", "a@b c@d "},
    {NULL, "word <a@b>, \"x, y\" <c@d>", "a@b c@d "},
    {NULL, "root", "root "},
    {NULL, "\"a b\"@c", "a b@c "},
    {NULL, "friends: a@b, c@d;", "a@b c@d "},
    {NULL, "", ""},
    {NULL, "<>", NULL},
    {NULL, "a@@b", NULL},
    {NULL, "-t", "-t "},
    {"To: a@b\r\n", NULL, "a@b "},
    {"To: a@b,\r\n c@d\r\nSubject: x@y\r\n", NULL, "a@b c@d "},
    {"TO: a@b\r\ncc: c@d\r\nBCC: e@f\r\nBcc: g@h\r\n", NULL,
	"a@b c@d e@f g@h "},
    {"To: undisclosed-recipients:;\r\nBcc: a@b\r\n", NULL, "a@b "},
    {"To: a@b\r\nResent-To: c@d\r\nResent-Bcc: e@f\r\n", NULL, "c@d e@f "},
    {"Resent-From: x@y\r\nTo: a@b\r\n", NULL, ""},
    {"From: x@y\r\nReply-To: z\r\nX-To: q\r\n", NULL, ""},
    {"To: a@b\r\nno field\r\nCc: c@d\r\n", NULL, "a@b "},
    {"To:\r\nCc: \r\nBcc: a@b\r\n", NULL, "a@b "},
    {"To: a@b \rBcc: c@d\r\n", NULL, "c@d "},
    {"To: a@b, c@@d\r\n", NULL, NULL},
    {"To: <>\r\n", NULL, NULL},
    {"", NULL, ""},
};

static void
check(size_t i, struct recipients *recipients)
{
	struct error error = {.kind = ERROR_NONE};
	bool read = cases[i].header != NULL
	    ? recipients_add_header(
		  recipients, span_text(cases[i].header), &error)
	    : recipients_add_list(recipients, span_text(cases[i].word), &error);
	struct buf text;

	print_message("%zu: %s\n", i, read ? "" : error.text);
	assert_int_equal(read, cases[i].want != NULL);
	if (!read) {
		assert_int_equal(error.kind, ERROR_INVALID);
		return;
	}
	buf_init(&text, 1000);
	for (size_t n = 0; n < recipients_count(recipients); n++)
		buf_printf(
		    &text, "%.*s ", SPAN_ARGS(recipients_at(recipients, n)));
	assert_span(buf_span(&text), cases[i].want);
	buf_finish(&text);
}

static void
test_table(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct pool *pool = pool_create(NULL, "test", 100000);
		struct recipients recipients;

		recipients_init(&recipients, pool);
		check(i, &recipients);
		recipients_finish(&recipients);
		pool_destroy(pool);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
