/* SPDX-License-Identifier: MIT */
#include "qmgr/bounce/template.h"

#include "lib/base/text.h"
#include "lib/mail/header.h"

#define WORDS(literal)                          \
	{                                       \
		"" literal, sizeof(literal) - 1 \
	}
#define COMMON_HEADER                 \
	.charset = WORDS("us-ascii"), \
	.from = WORDS("Mail Delivery System <MAILER-DAEMON>"), .line = 1

const struct template_set template_builtin = {{
    [TEMPLATE_FAILURE] =
	{
	    COMMON_HEADER,
	    .subject = WORDS("Undelivered Mail Returned to Sender"),
	    .postmaster_subject = WORDS("Postmaster Copy: Undelivered Mail"),
	    .text = WORDS(
		"This is the mail system at host $myhostname.\n\n"
		"Your message could not be delivered to the recipients "
		"below, and no more\nattempts will be made. The reason for "
		"each is given with the address.\n\n"
		"The technical report and the message itself (or its "
		"header) are attached.\n"
		"If you need help, show them to the postmaster.\n"),
	},
    [TEMPLATE_DELAY] =
	{
	    COMMON_HEADER,
	    .subject = WORDS("Delayed Mail (still being retried)"),
	    .postmaster_subject = WORDS("Postmaster Warning: Delayed Mail"),
	    .text = WORDS(
		"This is the mail system at host $myhostname.\n\n"
		"This is a warning only. You need not send your message "
		"again.\n\n"
		"It could not be delivered to the recipients below so far. "
		"More attempts\nwill be made until it is "
		"$maximal_queue_lifetime_days days old.\n"),
	},
    [TEMPLATE_SUCCESS] =
	{
	    COMMON_HEADER,
	    .subject = WORDS("Successful Mail Delivery Report"),
	    .postmaster_subject =
		WORDS("Postmaster Copy: Mail Delivery Report"),
	    .text =
		WORDS("This is the mail system at host $myhostname.\n\n"
		      "You asked for a report. Your message has arrived at the "
		      "recipients below, or\nhas been handed to a system that "
		      "sends no such reports.\n"),
	},
    [TEMPLATE_VERIFY] =
	{
	    COMMON_HEADER,
	    .subject = WORDS("Mail Delivery Status Report"),
	    .postmaster_subject = WORDS("Postmaster Copy: Mail Delivery Status "
					"Report"),
	    .text =
		WORDS("This is the mail system at host $myhostname.\n\n"
		      "This is what would become of mail for the recipients "
		      "below.\n"),
	},
}};

static const char *const template_names[TEMPLATE_COUNT] = {
    [TEMPLATE_FAILURE] = "failure_template",
    [TEMPLATE_DELAY] = "delay_template",
    [TEMPLATE_SUCCESS] = "success_template",
    [TEMPLATE_VERIFY] = "verify_template",
};

const char *
template_name(enum template_kind kind)
{
	return template_names[kind];
}

/* ---- lines ---- */

struct reader {
	struct span rest;
	unsigned line; /* number of the last one taken */
	struct error *error;
};

static bool
fail(const struct reader *reader, const char *text, struct span what)
{
	return error_set(reader->error, ERROR_INVALID, "line %u: %s%s%.*s",
	    reader->line, text, what.len > 0 ? ": " : "",
	    SPAN_ARGS(span_head(what, 60)));
}

/* Without its end; false when there is none left. */
static bool
take_line(struct reader *reader, struct span *line)
{
	if (reader->rest.len == 0)
		return false;
	span_split(reader->rest, '\n', line, &reader->rest);
	if (span_ends(*line, SPAN("\r")))
		line->len--;
	reader->line++;
	return true;
}

/* No control character but tab, and fit to be sent. */
static bool
is_sane(const struct reader *reader, struct span line)
{
	for (size_t i = 0; i < line.len; i++) {
		unsigned char byte = (unsigned char)line.at[i];

		if ((byte < ' ' && byte != '\t') || byte == 0x7f)
			return fail(reader, "control character", SPAN_EMPTY);
	}
	return line.len <= TEMPLATE_LINE_MAXIMUM ||
	    fail(reader, "line too long", SPAN_EMPTY);
}

/* ---- header ---- */

static bool
is_charset(struct span value)
{
	for (size_t i = 0; i < value.len; i++)
		if (!text_is_alphanumeric(value.at[i]) &&
		    strchr("-_.:+", value.at[i]) == NULL)
			return false;
	return value.len > 0;
}

static struct span *
find_field(struct template *template, struct span name)
{
	const struct {
		const char *name;
		struct span *value;
	} fields[] = {
	    {"Charset", &template->charset},
	    {"From", &template->from},
	    {"Subject", &template->subject},
	    {"Postmaster-Subject", &template->postmaster_subject},
	};

	for (size_t i = 0; i < COUNT_OF(fields); i++)
		if (span_equal_fold(name, span_text(fields[i].name)))
			return fields[i].value;
	return NULL;
}

/* "Name: value". */
static bool
take_field(
    const struct reader *reader, struct template *template, struct span line)
{
	struct span name;
	struct span value;
	struct span *field;

	(void)span_split(line, ':', &name, &value);
	field = find_field(template, name);
	if (field == NULL)
		return fail(reader,
		    "expected Charset, From, Subject or Postmaster-Subject",
		    name);
	*field = span_trim(value);
	if (field->len == 0)
		return fail(reader, "no value for", name);
	if (!text_is_ascii(*field))
		return fail(reader,
		    "not ASCII (RFC 2047 has a form for such a header)", name);
	return field != &template->charset || is_charset(*field) ||
	    fail(reader, "no character set", *field);
}

static bool
is_field(struct span line)
{
	size_t colon = span_find(line, ':');

	return colon < line.len && header_name_is_valid(span_head(line, colon));
}

/* ---- one template ---- */

static bool
check_text(const struct reader *reader, const struct template *template,
    struct span line)
{
	if (span_equal_fold(template->charset, SPAN("us-ascii")) &&
	    !text_is_ascii(line))
		return fail(reader, "not ASCII, and no Charset says what it is",
		    SPAN_EMPTY);
	if (span_equal_fold(template->charset, SPAN("utf-8")) &&
	    !text_is_utf8(line))
		return fail(reader, "not UTF-8", SPAN_EMPTY);
	return is_sane(reader, line);
}

/* A line before `end`. The text starts behind the empty line that ends the
 * header, or with the first line that is none. */
static bool
take_inside(const struct reader *reader, struct template *template,
    struct span line, bool *in_header)
{
	bool is_first = *in_header;

	*in_header = is_first && is_field(line);
	if (*in_header)
		return is_sane(reader, line) &&
		    take_field(reader, template, line);
	if (is_first) {
		bool is_empty = line.len == 0;

		template->text.at = is_empty ? reader->rest.at : line.at;
		template->line = reader->line + is_empty;
	}
	return check_text(reader, template, line);
}

static bool
take_template(struct reader *reader, struct template *template, struct span end)
{
	unsigned first = reader->line;
	bool in_header = true;
	struct span line;

	while (take_line(reader, &line)) {
		if (span_equal(line, end)) {
			template->text = in_header
			    ? SPAN_EMPTY
			    : span_of(template->text.at,
				  (size_t)(line.at - template->text.at));
			return true;
		}
		if (!take_inside(reader, template, line, &in_header))
			return false;
	}
	reader->line = first;
	return fail(reader, "the template has no end", end);
}

/* "name_template = <<EOF". */
static bool
take_start(const struct reader *reader, struct span line, size_t *kind,
    struct span *end)
{
	struct span name;
	struct span rest;

	if (!span_split(line, '=', &name, &rest))
		return fail(reader, "expected failure_template = <<EOF", line);
	rest = span_trim(rest);
	name = span_trim(name);
	for (*kind = 0; *kind < TEMPLATE_COUNT; ++*kind)
		if (span_equal(name, span_text(template_names[*kind])))
			break;
	if (*kind == TEMPLATE_COUNT)
		return fail(reader,
		    "expected failure_template, delay_template, "
		    "success_template or verify_template",
		    name);
	*end = span_trim(span_skip(rest, 2));
	return (span_starts(rest, SPAN("<<")) && end->len > 0) ||
	    fail(reader, "expected <<EOF behind", name);
}

bool
template_parse(struct template_set *set, struct span file, struct error *error)
{
	struct reader reader = {.rest = file, .error = error};
	struct template_set found = *set;
	struct span line;
	struct span end;
	size_t kind = TEMPLATE_COUNT;

	while (take_line(&reader, &line)) {
		if (span_trim(line).len == 0 || line.at[0] == '#')
			continue;
		if (!take_start(&reader, line, &kind, &end))
			return false;
		found.of[kind] = template_builtin.of[kind];
		if (!take_template(&reader, &found.of[kind], end))
			return false;
	}
	*set = found;
	return true;
}

struct expansion {
	const struct expand_names *names;
	struct span unknown;
};

static bool
find_name(void *argument, struct span name, struct span *value)
{
	const struct expansion *expansion = argument;

	return expansion->names->find(expansion->names->argument, name, value);
}

static void
remember_unknown(void *argument, struct span name)
{
	struct expansion *expansion = argument;

	expansion->unknown = name;
}

static bool
expand_line(struct span line, const struct expand_names *names, struct buf *out,
    struct error *error)
{
	struct expansion expansion = {.names = names};
	struct expand_names resolver = {
	    find_name, remember_unknown, &expansion};

	if (!expand_text(line, &resolver, out, error))
		return false;
	buf_append_text(out, "\r\n");
	return expansion.unknown.len == 0 ||
	    error_set(error, ERROR_INVALID, "there is no parameter \"%.*s\"",
		SPAN_ARGS(span_head(expansion.unknown, 60)));
}

bool
template_expand(const struct template *template,
    const struct expand_names *resolver, struct buf *out, struct error *error)
{
	struct reader reader = {.rest = template->text, .error = error};
	struct span line;

	while (take_line(&reader, &line))
		if (!expand_line(line, resolver, out, error))
			return error_prefix(
			    error, "line %u", template->line + reader.line - 1);
	return !out->overflowed ||
	    error_set(error, ERROR_LIMIT, "line %u: expands to too much",
		template->line);
}
