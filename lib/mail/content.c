/* SPDX-License-Identifier: MIT */
#include "lib/mail/content.h"

#include "lib/mail/line_scan.h"

enum state {
	STATE_LINE_START, /* behind a line end that end of data may follow */
	STATE_AFTER_BARE, /* behind a bare LF: a line starts, but no CRLF came
			   */
	STATE_TEXT,       /* anywhere else in a line */
	STATE_TEXT_CR,    /* behind a CR that is not stored yet */
	STATE_DOT,        /* behind the dot that may be end of data */
	STATE_DOT_CR
};

void
content_init(struct content *content, const struct content_options *options)
{
	*content = (struct content){
	    .options = *options,
	    .state = STATE_LINE_START,
	    .line_is_empty = true,
	};
}

static bool
is_local(const struct content *content)
{
	return content->options.mode == CONTENT_LOCAL ||
	    content->options.mode == CONTENT_LOCAL_DOT;
}

static bool
has_dots(const struct content *content)
{
	return content->options.mode == CONTENT_DATA ||
	    content->options.mode == CONTENT_LOCAL_DOT;
}

static void
set_fault(struct content *content, enum content_fault fault)
{
	if (content->fault == CONTENT_GOOD)
		content->fault = fault;
}

static void
store(struct content *content, struct span run)
{
	const struct content_options *options = &content->options;
	bool in_body = content->in_body;

	if (run.len == 0)
		return;
	if (options->maximum > 0 && content->fault == CONTENT_GOOD &&
	    run.len > options->maximum - content_size(content))
		set_fault(content, CONTENT_TOO_LARGE);
	if (content->fault != CONTENT_GOOD) {
		content->discarded += run.len;
		return;
	}
	content_extent_add(in_body ? &content->body : &content->header, run);
	if (!options->sink(
		options->owner, in_body ? CONTENT_BODY : CONTENT_HEADER, run))
		set_fault(content, CONTENT_SINK);
}

static void
store_text(struct content *content, struct span run)
{
	store(content, run);
	if (run.len > 0)
		content->line_is_empty = false;
}

static void
store_line_end(struct content *content)
{
	if (content->line_is_empty)
		content->in_body = true;
	store(content, SPAN("\r\n"));
	content->line_is_empty = true;
}

static void
store_bare_cr(struct content *content)
{
	content->bare_cr = true;
	if (content->options.bare == CONTENT_BARE_REJECT && !is_local(content))
		set_fault(content, CONTENT_BARE);
	store_text(content, SPAN(" "));
}

/* A LF alone: the end of a line in local mail, else a bare LF. */
static void
store_lf(struct content *content)
{
	content->state = STATE_LINE_START;
	if (!is_local(content)) {
		content->state = STATE_AFTER_BARE;
		content->bare_lf = true;
		if (content->options.bare == CONTENT_BARE_REJECT)
			set_fault(content, CONTENT_BARE);
	}
	store_line_end(content);
}

/* The steps below act on the bytes at the front of `rest`, which is not empty,
 * and return how many of them they took; one that takes none has changed the
 * state. */

static size_t
step_line_start(struct content *content, struct span rest)
{
	bool is_dot = rest.at[0] == '.' && has_dots(content);

	content->state = is_dot ? STATE_DOT : STATE_TEXT;
	return is_dot ? 1 : 0;
}

/* Dots are unstuffed here too: who ends lines with LF stuffs such lines. */
static size_t
step_after_bare(struct content *content, struct span rest)
{
	content->state = STATE_TEXT;
	return rest.at[0] == '.' && has_dots(content) ? 1 : 0;
}

/* The dot is stuffing if this is SMTP, and text if it is local mail. */
static void
leave_dot(struct content *content)
{
	content->state = STATE_TEXT;
	if (is_local(content))
		store_text(content, SPAN("."));
}

static size_t
step_dot(struct content *content, struct span rest)
{
	if (rest.at[0] == '\r') {
		content->state = STATE_DOT_CR;
		return 1;
	}
	if (rest.at[0] == '\n' && is_local(content)) {
		content->has_ended = true;
		return 1;
	}
	leave_dot(content);
	return 0;
}

static size_t
step_dot_cr(struct content *content, struct span rest)
{
	if (rest.at[0] == '\n') {
		content->has_ended = true;
		return 1;
	}
	leave_dot(content);
	store_bare_cr(content);
	return 0;
}

static size_t
step_text_cr(struct content *content, struct span rest)
{
	if (rest.at[0] == '\n') {
		content->state = STATE_LINE_START;
		store_line_end(content);
		return 1;
	}
	content->state = STATE_TEXT;
	store_bare_cr(content);
	return 0;
}

/* Passes `len` bytes of text and the CRLF behind them, all of them bytes that
 * can stay in the run which starts at `run`. Returns the start of the run that
 * goes on: another one where the body begins. */
static const char *
pass_line(
    struct content *content, const char *run, const char *line, size_t len)
{
	if (len == 0 && content->line_is_empty && !content->in_body) {
		store(content, span_of(run, (size_t)(line - run)));
		content->in_body = true;
		run = line;
	}
	content->line_is_empty = true;
	return run;
}

/* The fast path: whole lines stay in one run as long as they are stored just as
 * they came. */
static size_t
step_text(struct content *content, struct span rest)
{
	struct line_scan scan = line_scan_start(rest);
	const char *run = rest.at;

	content->state = STATE_TEXT;
	while (scan.at < scan.end && content->state == STATE_TEXT) {
		const char *line = scan.at;
		size_t len;
		enum line_scan_event event = line_scan_next(&scan, &len);

		if (event == LINE_SCAN_CRLF) {
			run = pass_line(content, run, line, len);
			if (scan.at < scan.end && *scan.at != '.')
				continue;
			store(content, span_of(run, (size_t)(scan.at - run)));
			content->state = STATE_LINE_START;
			break;
		}
		if (len > 0)
			content->line_is_empty = false;
		store(content, span_of(run, (size_t)(line + len - run)));
		run = scan.at;
		if (event == LINE_SCAN_LF)
			store_lf(content);
		else if (event == LINE_SCAN_CR)
			store_bare_cr(content);
		else if (event == LINE_SCAN_OPEN_CR)
			content->state = STATE_TEXT_CR;
	}
	return (size_t)(scan.at - rest.at);
}

size_t
content_feed(struct content *content, struct span input)
{
	static size_t (*const steps[])(struct content *, struct span) = {
	    [STATE_LINE_START] = step_line_start,
	    [STATE_AFTER_BARE] = step_after_bare,
	    [STATE_TEXT] = step_text,
	    [STATE_TEXT_CR] = step_text_cr,
	    [STATE_DOT] = step_dot,
	    [STATE_DOT_CR] = step_dot_cr,
	};
	size_t used = 0;

	while (used < input.len && !content->has_ended)
		used += steps[content->state](content, span_skip(input, used));
	content->received += used;
	return used;
}

void
content_finish(struct content *content)
{
	if (content->has_ended || content->options.mode == CONTENT_DATA)
		return;
	content->has_ended = true;
	if (content->state == STATE_TEXT_CR)
		store_bare_cr(content);
	if (!content->line_is_empty) {
		store_line_end(content);
		content->final_crlf_added = true;
	}
}
