/* SPDX-License-Identifier: MIT */
#include "cleanup/inspection.h"

#include "lib/mail/header.h"
#include "lib/mail/mail_address.h"

enum {
	VALUE_MAXIMUM = 65536,  /* bytes of a row */
	LINE_MAXIMUM = 1 << 20, /* bytes of a field that is asked for */
	LOGGED_MAXIMUM = 200,   /* bytes of it in the log */
	NO_MAIL = 550,
	NO_MAIL_NOW = 451
};

void
inspection_init(struct inspection *inspection, struct content_checks *checks,
    struct pool *pool)
{
	*inspection = (struct inspection){.checks = checks, .pool = pool};
	buf_init(&inspection->value, VALUE_MAXIMUM);
	buf_init(&inspection->line, LINE_MAXIMUM);
}

void
inspection_finish(struct inspection *inspection)
{
	buf_finish(&inspection->value);
	buf_finish(&inspection->line);
}

/* What is judged, and what becomes of it. */
struct judging {
	struct inspection *inspection;
	bool is_field;
	struct span line;   /* for the tables: LF between lines, none behind */
	struct span source; /* as it came */
	struct span end;    /* what a new line in its place ends with */
	struct check_verdict verdict;
	struct reply refusal;                             /* of CHECK_REJECT */
	char logged[REPLY_TEXT_SIZE + REPLY_STATUS_SIZE]; /* why */
	bool is_dropped;
	struct buf *out;
};

static void
refuse(struct inspection *inspection, uint16_t code, const char *status,
    struct span text)
{
	inspection->is_over = true;
	if (inspection->refusal.code == 0)
		reply_set(&inspection->refusal, code, status, "%.*s",
		    SPAN_ARGS(text));
}

static void
warn(const struct judging *judging, const char *what)
{
	log_warning(judging->inspection->subject.log, "%s: \"%.*s\"", what,
	    SPAN_ARGS(span_head(judging->verdict.text, LOGGED_MAXIMUM)));
}

static void
log_verdict(const struct judging *judging)
{
	const struct inspection_subject *subject =
	    &judging->inspection->subject;
	const struct message_begin *begin = subject->begin;
	bool is_remote = begin->client_address.len > 0;
	struct buf line;
	char client[512] = "local";

	if (is_remote)
		snprintf(client, sizeof client, "%.*s[%.*s]",
		    SPAN_ARGS(begin->client_name),
		    SPAN_ARGS(begin->client_address));
	buf_init(&line, LOGGED_MAXIMUM);
	(void)header_unfold(&line, span_head(judging->line, LOGGED_MAXIMUM));
	log_event(subject->log, LOG_CONTENT_CHECKED,
	    log_text("action",
		span_text(check_verdict_word(judging->verdict.action))),
	    log_text(
		"class", judging->is_field ? SPAN("header") : SPAN("body")),
	    log_text("content", buf_span(&line)),
	    log_text("origin", span_text(client)),
	    log_address("from", subject->sender),
	    log_address("to", subject->recipient),
	    log_optional("proto", begin->protocol),
	    log_optional("helo", begin->helo),
	    log_optional("text", span_text(judging->logged)));
	buf_finish(&line);
}

/* ---- actions ---- */

static void
keep(struct judging *judging UNUSED)
{
}

/* The reply that a REJECT gives, and the same for the log. */
static void
reject(struct judging *judging)
{
	const struct reply *refusal = &judging->refusal;
	char words[REPLY_STATUS_SIZE];

	refuse(judging->inspection, refusal->code,
	    reply_format_status(refusal->status, words),
	    span_text(refusal->text));
}

static void
discard(struct judging *judging)
{
	judging->inspection->is_discarded = true;
	judging->inspection->is_over = true;
}

static void
hold(struct judging *judging)
{
	judging->inspection->is_held = true;
}

/* An address with a domain, in the inspection's pool. */
static bool
take_address(struct judging *judging, struct span *address)
{
	struct span text = judging->verdict.text;

	if (mail_address_split(text).domain.len == 0) {
		warn(judging, "an action needs user@domain");
		return false;
	}
	if (pool_copy_span(judging->inspection->pool, text, address))
		return true;
	refuse(judging->inspection, NO_MAIL_NOW, "4.3.0",
	    SPAN("Error: too many recipients"));
	return false;
}

static void
redirect(struct judging *judging)
{
	struct span address;

	if (take_address(judging, &address))
		judging->inspection->redirect = address;
}

static void
copy(struct judging *judging)
{
	struct inspection *inspection = judging->inspection;
	struct inspection_copy *made;
	struct span address;

	if (!take_address(judging, &address))
		return;
	made = pool_alloc(inspection->pool, sizeof *made);
	if (made == NULL) {
		refuse(inspection, NO_MAIL_NOW, "4.3.0",
		    SPAN("Error: too many recipients"));
		return;
	}
	*made = (struct inspection_copy){address, inspection->copies};
	inspection->copies = made;
}

/* Mail that was to be filtered must not go out unfiltered. */
static void
filter(struct judging *judging)
{
	warn(judging, "there are no content filters to give mail to");
	refuse(judging->inspection, NO_MAIL_NOW, "4.3.5",
	    SPAN("Server configuration error"));
}

static bool
is_field_text(struct span text)
{
	struct header_field field;

	return header_next(&text, &field) && field.name.len > 0;
}

static bool
has_line(const struct judging *judging)
{
	if (judging->verdict.text.len > 0 &&
	    (!judging->is_field || is_field_text(judging->verdict.text)))
		return true;
	warn(judging, judging->is_field ? "no header field" : "no text");
	return false;
}

static void
write_line(struct judging *judging, struct span end)
{
	(void)buf_append_span(judging->out, judging->verdict.text);
	(void)buf_append_span(judging->out, end);
}

static void
prepend(struct judging *judging)
{
	if (has_line(judging))
		write_line(judging, SPAN("\r\n"));
}

static void
replace(struct judging *judging)
{
	if (!has_line(judging))
		return;
	write_line(judging, judging->end);
	judging->is_dropped = true;
}

static void
drop(struct judging *judging)
{
	judging->is_dropped = true;
}

static void
pass(struct judging *judging)
{
	judging->inspection->is_over = true;
}

static void
complain(struct judging *judging)
{
	warn(judging, "a check has an unknown action");
}

static void (*const actions[])(struct judging *judging) = {
    [CHECK_DUNNO] = keep,
    [CHECK_REJECT] = reject,
    [CHECK_DISCARD] = discard,
    [CHECK_HOLD] = hold,
    [CHECK_REDIRECT] = redirect,
    [CHECK_BCC] = copy,
    [CHECK_FILTER] = filter,
    [CHECK_PREPEND] = prepend,
    [CHECK_REPLACE] = replace,
    [CHECK_IGNORE] = drop,
    [CHECK_STRIP] = drop,
    [CHECK_WARN] = keep,
    [CHECK_INFO] = keep,
    [CHECK_PASS] = pass,
    [CHECK_UNKNOWN] = complain,
};

/* What is logged besides the line: of a refusal all that the client is told. */
static void
describe(struct judging *judging)
{
	struct reply_status status = {5, 7, 1};
	struct span text = judging->verdict.text;
	char words[REPLY_STATUS_SIZE];

	snprintf(
	    judging->logged, sizeof judging->logged, "%.*s", SPAN_ARGS(text));
	if (judging->verdict.action != CHECK_REJECT)
		return;
	(void)reply_parse_status(&text, &status);
	if (text.len == 0)
		text = SPAN("message content rejected");
	reply_set(&judging->refusal, status.class == 4 ? NO_MAIL_NOW : NO_MAIL,
	    reply_format_status(status, words), "%.*s", SPAN_ARGS(text));
	snprintf(judging->logged, sizeof judging->logged, "%s %s", words,
	    judging->refusal.text);
}

static bool
judge(struct judging *judging, enum check_kind kind)
{
	struct inspection *inspection = judging->inspection;
	struct error error;

	if (!inspection->is_over && inspection->checks != NULL &&
	    content_checks_have(inspection->checks, kind)) {
		if (!content_checks_find(inspection->checks, kind,
			judging->line, &inspection->value, &judging->verdict,
			&error)) {
			log_warning(inspection->subject.log, "%s", error.text);
			refuse(inspection, NO_MAIL_NOW, "4.3.0",
			    SPAN("Temporary lookup failure"));
		}
		describe(judging);
		if (check_verdict_word(judging->verdict.action)[0] != '\0')
			log_verdict(judging);
		actions[judging->verdict.action](judging);
	}
	return judging->is_dropped
	    ? !judging->out->overflowed
	    : buf_append_span(judging->out, judging->source);
}

/* ---- lines ---- */

/* The lines of a field, with LF between them. */
static void
join_lines(struct span field, struct buf *line)
{
	struct span one;

	buf_clear(line);
	while (field.len > 0) {
		span_split(field, '\n', &one, &field);
		if (span_ends(one, SPAN("\r")))
			one.len--;
		(void)buf_append_span(line, one);
		if (field.len > 0)
			(void)buf_append_byte(line, '\n');
	}
}

bool
inspection_field(struct inspection *inspection, enum check_kind where,
    struct span field, struct buf *out)
{
	struct judging judging = {
	    .inspection = inspection,
	    .is_field = true,
	    .source = field,
	    .end = SPAN("\r\n"),
	    .out = out,
	};
	struct header_field parts;
	struct span rest = field;

	if (!header_next(&rest, &parts) || parts.name.len == 0)
		return buf_append_span(out, field);
	join_lines(field, &inspection->line);
	judging.line = buf_span(&inspection->line);
	return judge(&judging, content_checks_kind(where, parts.name));
}

bool
inspection_line(struct inspection *inspection, struct span line,
    struct span end, struct buf *out)
{
	struct judging judging = {
	    .inspection = inspection,
	    .line = line,
	    .source = line,
	    .end = end,
	    .out = out,
	};
	bool written = judge(&judging, CHECK_BODY);

	/* A line that stays keeps its end. */
	if (judging.is_dropped)
		return written;
	return written && buf_append_span(out, end);
}

void
inspection_header(struct inspection *inspection, struct buf *block)
{
	struct span rest = buf_span(block);
	struct header_field field;
	struct buf out;
	bool fits = true;

	buf_init(&out, block->maximum);
	while (fits && header_next(&rest, &field)) {
		fits = inspection_field(
		    inspection, CHECK_HEADER, field.whole, &out);
		if (field.name.len == 0)
			break;
	}
	fits = fits && buf_append_span(&out, rest);
	if (!fits) {
		buf_finish(&out);
		return;
	}
	buf_finish(block);
	*block = out;
}
