/* SPDX-License-Identifier: MIT */
#include "lib/mail/downgrade.h"

#include "../../unit.h"

enum {
	MAXIMUM = 1 << 22
};

static const struct mime_limits limits = {.nesting = 3, .boundary = 100};

#define VERSION  "MIME-Version: 1.0\n"
#define TEXT     "Content-Type: text/plain; charset=utf-8\n"
#define MULTI    "Content-Type: multipart/mixed; boundary=b\n"
#define ENCODING "Content-Transfer-Encoding: "
#define BIT8     ENCODING "8bit\n"
#define QP       ENCODING "quoted-printable\n"
#define BASE64   ENCODING "base64\n"
#define BIT7     ENCODING "7bit\n"
#define LONG     "a long line that is all ASCII\n"

static const struct {
	const char *content; /* LF stands for CR LF */
	const char *want;    /* NULL: the same */
} cases[] = {
    {"", NULL},
    {"Subject: x\n\n" LONG, NULL},
    {VERSION TEXT BIT8 "\n" LONG "\xc3\xbc=\n",
	VERSION TEXT QP "\n" LONG "=C3=BC=3D\n"},
    {VERSION BIT8 TEXT "Subject: \xc3\xbc\n\n" LONG "\xc3\xbc\n",
	VERSION TEXT "Subject: \xc3\xbc\n" QP "\n" LONG "=C3=BC\n"},
    {VERSION TEXT BIT8 "\n\xc3\xbc\xc3\xbc\n",
	VERSION TEXT BASE64 "\nw7zDvA0K"},
    /* nobody has said that there are 8 bits, or anything */
    {VERSION TEXT "\n" LONG "\xc3\xbc\n", VERSION TEXT QP "\n" LONG "=C3=BC\n"},
    {VERSION TEXT BIT7 "\n" LONG "\xc3\xbc\n",
	VERSION TEXT QP "\n" LONG "=C3=BC\n"},
    {"Subject: x\n\n" LONG "\xc3\xbc\n",
	"Subject: x\n" VERSION
	"Content-Type: text/plain; charset=unknown-8bit\n" QP "\n" LONG
	"=C3=BC\n"},
    {"Subject: x\n" LONG "\xc3\xbc\n",
	"Subject: x\n" VERSION
	"Content-Type: text/plain; charset=unknown-8bit\n" QP "\n" LONG
	"=C3=BC\n"},
    /* it was said, and is not so */
    {VERSION TEXT BIT8 "\n" LONG, VERSION TEXT BIT7 "\n" LONG},
    /* it is encoded already */
    {VERSION TEXT QP "\n" LONG "\xc3\xbc=\n", NULL},
    {VERSION TEXT ENCODING "x-mine\n\n\xc3\xbc\n", NULL},
    /* each part for itself, what is between stays */
    {VERSION MULTI BIT8 "\npre\n--b\n" TEXT "\n" LONG "--b\n" TEXT BIT8
			"\n" LONG "\xc3\xbc\n\n--b\n\n\xc3\xbc\n--b--\nepi\n",
	VERSION MULTI BIT7 "\npre\n--b\n" TEXT "\n" LONG "--b\n" TEXT QP
			   "\n" LONG "=C3=BC\n\n--b\n" BASE64
			   "\nw7w=\n--b--\nepi\n"},
    {VERSION "Content-Type: multipart/signed; micalg=x; boundary=b\n\n"
	     "--b\n" TEXT BIT8 "\n" LONG "\xc3\xbc\n--b\n"
	     "Content-Type: application/pgp-signature\n\n" LONG "--b--\n",
	VERSION "Content-Type: multipart/signed; micalg=x; boundary=b\n\n"
		"--b\n" TEXT QP "\n" LONG "=C3=BC\n--b\n"
		"Content-Type: application/pgp-signature\n\n" LONG "--b--\n"},
    /* a message in a message */
    {VERSION "Content-Type: message/rfc822\n" BIT8 "\n" TEXT BIT8 "\n" LONG
	     "\xc3\xbc\n",
	VERSION "Content-Type: message/rfc822\n" BIT7 "\n" TEXT QP "\n" LONG
		"=C3=BC\n"},
    /* a line that would be cut into a delimiter */
    {VERSION MULTI "\n--b\n\n"
		   "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		   "aaaaaaaaaaaa"
		   "aaaa--b\n\xc3\xbc\n--b--\n",
	VERSION MULTI "\n--b\n" QP "\n"
		      "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		      "aaaaaaaaaaaaaaa"
		      "aaaa=\n=2D-b\n=C3=BC\n--b--\n"},
};

static bool
collect(void *owner, struct span run)
{
	assert_int_not_equal(run.len, 0);
	return buf_append_span(owner, run);
}

static void
append_content(struct buf *content, const char *text)
{
	for (; *text != '\0'; text++) {
		if (*text == '\n')
			buf_append_byte(content, '\r');
		buf_append_byte(content, *text);
	}
}

static bool
measure(struct downgrade *downgrade, struct span content, size_t step,
    struct error *error)
{
	for (; content.len > 0; content = span_skip(content, step))
		downgrade_measure(downgrade, span_head(content, step));
	return downgrade_measure_end(downgrade, error);
}

static void
convert(struct downgrade *downgrade, struct span content, size_t step,
    struct buf *out)
{
	downgrade_begin(downgrade, collect, out);
	for (; content.len > 0; content = span_skip(content, step))
		assert_true(
		    downgrade_feed(downgrade, span_head(content, step)));
	assert_true(downgrade_end(downgrade));
}

static void
run_case(struct span content, struct span want, size_t step)
{
	struct downgrade *downgrade = downgrade_create(&limits);

	assert_true(measure(downgrade, content, step, NULL));
	/* Another server gets the same. */
	for (int time = 0; time < 2; time++) {
		struct buf out;

		buf_init(&out, MAXIMUM);
		convert(downgrade, content, step, &out);
		if (!span_equal(buf_span(&out), want))
			fail_msg("have <%s>\nwant <%.*s>", buf_text(&out),
			    SPAN_ARGS(want));
		buf_finish(&out);
	}
	downgrade_destroy(downgrade);
}

static void
test_cases(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct buf content;
		struct buf want;

		buf_init(&content, MAXIMUM);
		buf_init(&want, MAXIMUM);
		append_content(&content, cases[i].content);
		append_content(&want,
		    cases[i].want != NULL ? cases[i].want : cases[i].content);
		for (size_t step = 1; step <= content.len + 1; step++)
			run_case(buf_span(&content), buf_span(&want), step);
		buf_finish(&content);
		buf_finish(&want);
	}
}

static void
test_impossible(void **state UNUSED)
{
	struct downgrade *downgrade = downgrade_create(&limits);
	struct buf content;
	struct error error;

	buf_init(&content, MAXIMUM * 4);
	for (int i = 0; i < 4; i++)
		append_content(&content, "Content-Type: message/rfc822\n\n");
	assert_false(measure(downgrade, buf_span(&content), MAXIMUM, &error));
	assert_string_equal(error.text, "MIME nesting exceeds safety limit");
	downgrade_destroy(downgrade);

	buf_clear(&content);
	append_content(&content, MULTI "\n");
	for (int i = 0; i < DOWNGRADE_ENTITIES_MAXIMUM; i++)
		buf_append_text(&content, "--b\n\n");
	downgrade = downgrade_create(&limits);
	assert_false(measure(downgrade, buf_span(&content), MAXIMUM, &error));
	assert_string_equal(error.text, "too many MIME parts");
	downgrade_destroy(downgrade);
	buf_finish(&content);
	downgrade_destroy(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_cases),
	    cmocka_unit_test(test_impossible),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
