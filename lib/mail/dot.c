/* SPDX-License-Identifier: MIT */
#include "lib/mail/dot.h"

#include "lib/mail/line_scan.h"

#define CUT "\r\n "

void
dot_init(struct dot *dot, uint64_t line_maximum, dot_sink sink, void *owner)
{
	/* A cut line starts with a blank, so one byte would never end. */
	must(line_maximum != 1);
	*dot = (struct dot){
	    .sink = sink,
	    .owner = owner,
	    .line_maximum = line_maximum,
	};
}

static bool
put(const struct dot *dot, struct span run)
{
	return run.len == 0 || dot->sink(dot->owner, run);
}

static bool
put_line_end(struct dot *dot)
{
	dot->line_len = 0;
	return put(dot, SPAN("\r\n"));
}

/* The CR was bare. */
static bool
put_blank(struct dot *dot)
{
	dot->line_len++;
	return put(dot, SPAN(" "));
}

static bool
is_too_long(const struct dot *dot, size_t len)
{
	return dot->line_maximum > 0 && dot->line_len + len > dot->line_maximum;
}

/* Sends text that does not fit into its line. */
static bool
put_cut(struct dot *dot, struct span text)
{
	while (is_too_long(dot, text.len)) {
		uint64_t room = dot->line_maximum > dot->line_len
		    ? dot->line_maximum - dot->line_len
		    : 0;

		if (!put(dot, span_head(text, room)) || !put(dot, SPAN(CUT)))
			return false;
		dot->line_len = 1;
		text = span_skip(text, room);
	}
	dot->line_len += text.len;
	return put(dot, text);
}

/* Settles the CR at the end of the run before. */
static bool
close_cr(struct dot *dot, struct span *content)
{
	dot->open_cr = false;
	if (content->at[0] != '\n')
		return put_blank(dot);
	*content = span_skip(*content, 1);
	return put_line_end(dot);
}

/* What the event says about the end of the line; the text before it was sent,
 * except for a CRLF, which stays in the run. */
static bool
end_text(struct dot *dot, enum line_scan_event event)
{
	switch (event) {
	case LINE_SCAN_CRLF:
		dot->line_len = 0;
		return true;
	case LINE_SCAN_LF:
		return put_line_end(dot);
	case LINE_SCAN_CR:
		return put_blank(dot);
	case LINE_SCAN_OPEN_CR:
		dot->open_cr = true;
		return true;
	case LINE_SCAN_REST:
		return true;
	}
	return true;
}

/* Passes text that stays in the run which starts at *run, unless a dot goes in
 * front of it or it must be cut. */
static bool
pass_text(struct dot *dot, const char **run, struct span text)
{
	struct span before = span_of(*run, (size_t)(text.at - *run));
	bool is_dot = dot->line_len == 0 && text.len > 0 && text.at[0] == '.';
	bool is_long = is_too_long(dot, text.len);

	if (!is_dot && !is_long) {
		dot->line_len += text.len;
		return true;
	}
	if (!put(dot, before) || (is_dot && !put(dot, SPAN("."))))
		return false;
	*run = text.at;
	if (!is_long) {
		dot->line_len += text.len;
		return true;
	}
	*run += text.len;
	return put_cut(dot, text);
}

bool
dot_feed(struct dot *dot, struct span content)
{
	struct line_scan scan;
	const char *run; /* first byte that was not sent */

	if (content.len > 0 && dot->open_cr && !close_cr(dot, &content))
		return false;
	scan = line_scan_start(content);
	run = content.at;
	while (scan.at < scan.end) {
		const char *line = scan.at;
		size_t len;
		enum line_scan_event event = line_scan_next(&scan, &len);

		if (!pass_text(dot, &run, span_of(line, len)))
			return false;
		if (event != LINE_SCAN_CRLF) {
			line += len;
			if (!put(dot, span_of(run, (size_t)(line - run))))
				return false;
			run = scan.at;
		}
		if (!end_text(dot, event))
			return false;
	}
	return put(dot, span_of(run, (size_t)(scan.at - run)));
}

bool
dot_finish_line(struct dot *dot)
{
	if (dot->open_cr) {
		dot->open_cr = false;
		if (!put_blank(dot))
			return false;
	}
	return dot->line_len == 0 || put_line_end(dot);
}

bool
dot_finish(struct dot *dot)
{
	return dot_finish_line(dot) && put(dot, SPAN(".\r\n"));
}
