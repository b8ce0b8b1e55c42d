/* SPDX-License-Identifier: MIT */
#include "pickup/sendmail/arguments.h"

#include "lib/base/text.h"

/* The letters that sendmail(1) of other systems takes; `:` follows those with
 * an argument. */
#define LETTERS "A:B:C:F:GIL:N:O:R:UV:X:b:ce:f:h:imno:p:r:q:tvx"

typedef bool (*option_take)(
    struct arguments *arguments, const char *value, struct error *error);

static bool
fail(struct error *error, const char *what, const char *value)
{
	return error_set(error, ERROR_INVALID, "%s%s", what, value);
}

static bool
take_sender(
    struct arguments *arguments, const char *value, struct error *error UNUSED)
{
	arguments->sender = value;
	return true;
}

static bool
take_full_name(
    struct arguments *arguments, const char *value, struct error *error UNUSED)
{
	arguments->full_name = value;
	return true;
}

static bool
take_config(
    struct arguments *arguments, const char *value, struct error *error UNUSED)
{
	arguments->config = value;
	return true;
}

static bool
take_from_header(struct arguments *arguments, const char *value UNUSED,
    struct error *error UNUSED)
{
	arguments->from_header = true;
	return true;
}

static bool
take_dots(struct arguments *arguments, const char *value UNUSED,
    struct error *error UNUSED)
{
	arguments->dot_is_text = true;
	return true;
}

static bool
take_aliases(struct arguments *arguments, const char *value UNUSED,
    struct error *error UNUSED)
{
	arguments->mode = ARGUMENTS_ALIASES;
	return true;
}

static const struct {
	char letter;
	enum arguments_mode mode;
} modes[] = {
    {'m', ARGUMENTS_MAIL},
    {'s', ARGUMENTS_SMTP},
    {'p', ARGUMENTS_LIST},
    {'i', ARGUMENTS_ALIASES},
    {'d', ARGUMENTS_DAEMON},
    {'l', ARGUMENTS_DAEMON},
    {'h', ARGUMENTS_NOTHING},
    {'H', ARGUMENTS_NOTHING},
};

static bool
take_mode(struct arguments *arguments, const char *value, struct error *error)
{
	for (size_t i = 0; i < COUNT_OF(modes); i++)
		if (value[0] == modes[i].letter && value[1] == '\0') {
			arguments->mode = modes[i].mode;
			return true;
		}
	return fail(error, "unsupported: -b", value);
}

static bool
take_body(struct arguments *arguments, const char *value, struct error *error)
{
	if (strcmp(value, "8BITMIME") == 0)
		arguments->body = ARGUMENTS_BODY_8BIT;
	else if (strcmp(value, "7BIT") == 0)
		arguments->body = ARGUMENTS_BODY_7BIT;
	else
		return fail(
		    error, "specify -B 7BIT or -B 8BITMIME, not -B ", value);
	return true;
}

static bool
take_notify(
    struct arguments *arguments, const char *value, struct error *error UNUSED)
{
	if (dsn_parse_notify(span_text(value), &arguments->notify))
		return true;
	arguments->notify = 0;
	arguments->warning = "bad -N option value is ignored";
	return true;
}

static bool
take_return(struct arguments *arguments, const char *value, struct error *error)
{
	return dsn_parse_return(span_text(value), &arguments->dsn_return) ||
	    fail(error, "specify -R full or -R hdrs, not -R ", value);
}

static bool
take_envelope_id(
    struct arguments *arguments, const char *value, struct error *error)
{
	struct span text = span_text(value);

	for (size_t i = 0; i < text.len; i++)
		if (!text_is_printable(text.at[i]))
			return fail(error, "-V: not printable", "");
	if (text.len == 0 || text.len > DSN_ENVID_MAXIMUM)
		return fail(error, "-V: 1 to 100 characters are needed", "");
	arguments->envelope_id = value;
	return true;
}

/* -oi and -oA; other settings are those of a mail system long gone. */
static bool
take_setting(
    struct arguments *arguments, const char *value, struct error *error UNUSED)
{
	if (strcmp(value, "i") == 0)
		arguments->dot_is_text = true;
	else if (value[0] == 'A' && value[1] != '\0')
		arguments->aliases = value + 1;
	return true;
}

static bool
take_queue(struct arguments *arguments, const char *value, struct error *error)
{
	if (text_is_digit(value[0])) {
		if (arguments->mode == ARGUMENTS_MAIL)
			arguments->mode = ARGUMENTS_NOTHING;
		return true;
	}
	if (value[0] == 'I')
		arguments->mode = ARGUMENTS_FLUSH_ID;
	else if (value[0] == 'R')
		arguments->mode = ARGUMENTS_FLUSH_SITE;
	else
		return fail(error, "unsupported: -q", value);
	arguments->queue_key = value + 1;
	return value[1] != '\0' || fail(error, "nothing behind -q", value);
}

static bool
take_log(
    struct arguments *arguments UNUSED, const char *value, struct error *error)
{
	return value[0] != 'V' || fail(error, "unsupported: -X", value);
}

static bool
take_queue_only(struct arguments *arguments UNUSED, const char *value UNUSED,
    struct error *error)
{
	return fail(error, "-n is not supported", "");
}

/* What is in LETTERS and not here is accepted and means nothing. */
static const struct {
	char letter;
	option_take take;
} options[] = {
    {'B', take_body},
    {'C', take_config},
    {'F', take_full_name},
    {'I', take_aliases},
    {'N', take_notify},
    {'R', take_return},
    {'V', take_envelope_id},
    {'X', take_log},
    {'b', take_mode},
    {'f', take_sender},
    {'i', take_dots},
    {'n', take_queue_only},
    {'o', take_setting},
    {'q', take_queue},
    {'r', take_sender},
    {'t', take_from_header},
};

static bool
take_option(struct arguments *arguments, char letter, const char *value,
    struct error *error)
{
	for (size_t i = 0; i < COUNT_OF(options); i++)
		if (options[i].letter == letter)
			return options[i].take(arguments, value, error);
	return true;
}

static const char *
find_letter(char letter)
{
	return letter == ':' ? NULL : strchr(LETTERS, letter);
}

/* Takes one word of options and their argument; *next is the word behind it,
 * perhaps the argument. */
static bool
take_word(struct arguments *arguments, const char *word, char ***next,
    struct error *error)
{
	for (const char *at = word; *at != '\0'; at++) {
		const char *letter = find_letter(*at);

		if (letter == NULL)
			return error_set(error, ERROR_INVALID,
			    "unknown option -%c",
			    text_is_printable(*at) ? *at : '?');
		if (letter[1] != ':') {
			if (!take_option(arguments, *at, NULL, error))
				return false;
			continue;
		}
		if (at[1] == '\0' && **next == NULL)
			return error_set(error, ERROR_INVALID,
			    "option -%c needs an argument", *at);
		return take_option(
		    arguments, *at, at[1] != '\0' ? at + 1 : *(*next)++, error);
	}
	return true;
}

static void
take_program_name(struct arguments *arguments, const char *path)
{
	static const struct {
		const char *name;
		enum arguments_mode mode;
	} names[] = {
	    {"mailq", ARGUMENTS_LIST},
	    {"newaliases", ARGUMENTS_ALIASES},
	    {"smtpd", ARGUMENTS_DAEMON},
	};

	const char *slash = strrchr(path, '/');
	const char *name = slash == NULL ? path : slash + 1;

	for (size_t i = 0; i < COUNT_OF(names); i++)
		if (strcmp(name, names[i].name) == 0)
			arguments->mode = names[i].mode;
}

/* Takes options up to the first word that is none; -q as a word of its own has
 * no argument, whatever follows. */
static bool
take_options(struct arguments *arguments, char ***next, struct error *error)
{
	while (**next != NULL && (**next)[0] == '-' && (**next)[1] != '\0') {
		const char *word = *(*next)++ + 1;

		if (strcmp(word, "-") == 0)
			break;
		if (strcmp(word, "q") == 0)
			arguments->mode = ARGUMENTS_FLUSH;
		else if (!take_word(arguments, word, next, error))
			return false;
	}
	return true;
}

bool
arguments_parse(struct arguments *arguments, char **argv, struct error *error)
{
	*arguments = (struct arguments){.mode = ARGUMENTS_MAIL};
	if (*argv != NULL)
		take_program_name(arguments, *argv++);
	if (!take_options(arguments, &argv, error))
		return false;
	arguments->recipients = argv;
	while (*argv++ != NULL)
		arguments->recipient_count++;
	return true;
}
