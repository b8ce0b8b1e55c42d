/* SPDX-License-Identifier: MIT */
#include "../../unit.h"
#include "pickup/sendmail/arguments.h"

enum {
	WORDS_MAXIMUM = 16
};

/* `want` is what describe() makes of it; NULL: refused. */
static const struct {
	const char *words[WORDS_MAXIMUM];
	const char *want;
} cases[] = {
    {{NULL}, "mail"},
    {{"sendmail"}, "mail"},
    {{"/usr/sbin/sendmail", "a", "b"}, "mail a b"},
    {{"mailq"}, "list"},
    {{"/usr/bin/newaliases"}, "aliases"},
    {{"smtpd"}, "daemon"},
    {{"mailq", "-bm", "a"}, "mail a"},
    {{"sendmail", "-bp"}, "list"},
    {{"sendmail", "-b", "p"}, "list"},
    {{"sendmail", "-bs"}, "smtp"},
    {{"sendmail", "-bi"}, "aliases"},
    {{"sendmail", "-I"}, "aliases"},
    {{"sendmail", "-bd"}, "daemon"},
    {{"sendmail", "-bd", "-q15m"}, "daemon"},
    {{"sendmail", "-bh"}, "nothing"},
    {{"sendmail", "-q"}, "flush"},
    {{"sendmail", "-q", "-v"}, "flush"},
    {{"sendmail", "-q15m"}, "nothing"},
    {{"sendmail", "-qIxyz"}, "id:xyz"},
    {{"sendmail", "-q", "-oi"}, "flush dots"},
    {{"sendmail", "-qRexample.com"}, "site:example.com"},
    {{"sendmail", "-bq"}, NULL},
    {{"sendmail", "-bv", "a"}, NULL},
    {{"sendmail", "-bmx"}, NULL},
    {{"sendmail", "-qSx"}, NULL},
    {{"sendmail", "-qI"}, NULL},
    {{"sendmail", "-f", "x@y", "a"}, "mail f=x@y a"},
    {{"sendmail", "-fx@y", "-rz", "a"}, "mail f=z a"},
    {{"sendmail", "-f", "", "a"}, "mail f= a"},
    {{"sendmail", "-f"}, NULL},
    {{"sendmail", "-t", "-i"}, "mail dots header"},
    {{"sendmail", "-ti"}, "mail dots header"},
    {{"sendmail", "-it", "-fx"}, "mail f=x dots header"},
    {{"sendmail", "-oi", "-oem", "-odb", "-om"}, "mail dots"},
    {{"sendmail", "-o", "i"}, "mail dots"},
    {{"sendmail", "-FJoe User", "a"}, "mail F=Joe User a"},
    {{"sendmail", "-FCronDaemon", "-i", "-B8BITMIME", "-oem", "root"},
	"mail F=CronDaemon dots 8 root"},
    {{"sendmail", "-B7BIT"}, "mail 7"},
    {{"sendmail", "-B8bitmime"}, NULL},
    {{"sendmail", "-N", "never"}, "mail N=1"},
    {{"sendmail", "-Nsuccess,failure", "-Rhdrs"}, "mail N=6 R=2"},
    {{"sendmail", "-Nwhat", "a"}, "mail warned a"},
    {{"sendmail", "-Rfull"}, "mail R=1"},
    {{"sendmail", "-Rnone"}, NULL},
    {{"sendmail", "-V", "id 1"}, "mail V=id 1"},
    {{"sendmail", "-V", ""}, NULL},
    {{"sendmail", "-V", "a\nb"}, NULL},
    {{"sendmail", "-C/etc/x", "a"}, "mail C=/etc/x a"},
    {{"sendmail", "-bi", "-oA/etc/aliases"}, "aliases oA=/etc/aliases"},
    {{"sendmail", "-X/tmp/log", "-Lx", "-pESMTP", "-OQueue=x", "-h5", "-Ax",
	 "a"},
	"mail a"},
    {{"sendmail", "-XV", "a"}, NULL},
    {{"sendmail", "-vvUGxecm", "a"}, "mail a"},
    {{"sendmail", "-n"}, NULL},
    {{"sendmail", "-k"}, NULL},
    {{"sendmail", "-:"}, NULL},
    {{"sendmail", "-\xff"}, NULL},
    {{"sendmail", "--", "-t", "a"}, "mail -t a"},
    {{"sendmail", "a", "-t"}, "mail a -t"},
    {{"sendmail", "-", "-t"}, "mail - -t"},
};

static void
add(struct buf *out, const char *name, const char *value)
{
	if (value != NULL)
		buf_printf(out, " %s%s", name, value);
}

static void
describe(const struct arguments *arguments, struct buf *out)
{
	static const char *const modes[] = {
	    [ARGUMENTS_MAIL] = "mail",
	    [ARGUMENTS_SMTP] = "smtp",
	    [ARGUMENTS_LIST] = "list",
	    [ARGUMENTS_ALIASES] = "aliases",
	    [ARGUMENTS_DAEMON] = "daemon",
	    [ARGUMENTS_FLUSH] = "flush",
	    [ARGUMENTS_FLUSH_ID] = "id:",
	    [ARGUMENTS_FLUSH_SITE] = "site:",
	    [ARGUMENTS_NOTHING] = "nothing",
	};

	buf_append_text(out, modes[arguments->mode]);
	if (arguments->queue_key != NULL)
		buf_append_text(out, arguments->queue_key);
	add(out, "C=", arguments->config);
	add(out, "f=", arguments->sender);
	add(out, "F=", arguments->full_name);
	add(out, "V=", arguments->envelope_id);
	add(out, "oA=", arguments->aliases);
	if (arguments->notify != 0)
		buf_printf(out, " N=%u", arguments->notify);
	if (arguments->dsn_return != DSN_RETURN_UNSET)
		buf_printf(out, " R=%u", arguments->dsn_return);
	add(out, "dots", arguments->dot_is_text ? "" : NULL);
	add(out, "header", arguments->from_header ? "" : NULL);
	add(out, "8", arguments->body == ARGUMENTS_BODY_8BIT ? "" : NULL);
	add(out, "7", arguments->body == ARGUMENTS_BODY_7BIT ? "" : NULL);
	add(out, "warned", arguments->warning != NULL ? "" : NULL);
	for (size_t i = 0; i < arguments->recipient_count; i++)
		add(out, "", arguments->recipients[i]);
}

static void
test_table(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		char *argv[WORDS_MAXIMUM + 1] = {NULL};
		struct arguments arguments;
		struct error error = {.kind = ERROR_NONE};
		struct buf text;

		for (int n = 0; cases[i].words[n] != NULL; n++)
			argv[n] = strdup(cases[i].words[n]);
		buf_init(&text, 1000);
		if (arguments_parse(&arguments, argv, &error))
			describe(&arguments, &text);
		else
			assert_int_equal(error.kind, ERROR_INVALID);
		print_message("%zu: %s\n", i, buf_text(&text));
		assert_string_equal(buf_text(&text),
		    cases[i].want == NULL ? "" : cases[i].want);
		buf_finish(&text);
		for (int n = 0; argv[n] != NULL; n++)
			free(argv[n]);
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
