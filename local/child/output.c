/* SPDX-License-Identifier: MIT */
#include "local/child/output.h"

#include "lib/base/io.h"

enum {
	WRITE_SIZE = 65536 /* bytes per write, about */
};

static const struct span from = {"From ", 5};

void
output_init(struct output *output, int fd, bool quotes_from)
{
	*output = (struct output){
	    .fd = fd, .quotes_from = quotes_from, .at_start = quotes_from};
	buf_init(&output->buf, 2 * WRITE_SIZE);
}

void
output_finish(struct output *output)
{
	buf_finish(&output->buf);
}

static bool
flush(struct output *output, struct error *error)
{
	bool written = io_write(output->fd, buf_span(&output->buf), error);

	buf_clear(&output->buf);
	return written;
}

static bool
put(struct output *output, struct span bytes, struct error *error)
{
	while (bytes.len > 0) {
		struct span part = span_head(bytes, WRITE_SIZE);

		must(buf_append_span(&output->buf, part));
		bytes = span_skip(bytes, part.len);
		if (output->buf.len >= WRITE_SIZE && !flush(output, error))
			return false;
	}
	return true;
}

/* The held start of a line turned out to be no "From ". */
static bool
release_start(struct output *output, struct error *error)
{
	struct span held = span_head(from, output->matched);

	output->at_start = false;
	output->matched = 0;
	return put(output, held, error);
}

/* Takes bytes of *content that belong to a "From " at the start of a line. */
static bool
match_start(struct output *output, struct span *content, struct error *error)
{
	output->is_unended = true;
	while (content->len > 0 && *content->at == from.at[output->matched]) {
		*content = span_skip(*content, 1);
		if (++output->matched == from.len)
			return put(output, SPAN(">"), error) &&
			    release_start(output, error);
	}
	return content->len == 0 || release_start(output, error);
}

/* Takes a line, or its part in *content; the CR before LF goes. */
static bool
take_line(struct output *output, struct span *content, struct error *error)
{
	size_t end = span_find(*content, '\n');
	struct span line = span_head(*content, end);
	bool is_whole = end < content->len;

	*content = span_skip(*content, end + 1);
	if (output->has_return && !(is_whole && line.len == 0) &&
	    !put(output, SPAN("\r"), error))
		return false;
	output->has_return = span_ends(line, SPAN("\r"));
	if (output->has_return)
		line.len--;
	if (!put(output, line, error))
		return false;
	output->is_unended = !is_whole;
	if (!is_whole)
		return true;
	output->has_return = false;
	output->at_start = output->quotes_from;
	return put(output, SPAN("\n"), error);
}

bool
output_content(struct output *output, struct span content, struct error *error)
{
	while (content.len > 0) {
		if (output->at_start && !match_start(output, &content, error))
			return false;
		if (content.len > 0 && !take_line(output, &content, error))
			return false;
	}
	return true;
}

bool
output_text(struct output *output, const char *text, struct error *error)
{
	return put(output, span_text(text), error);
}

bool
output_end(struct output *output, struct error *error)
{
	struct span end = output->has_return ? SPAN("\r\n") : SPAN("\n");

	if (output->is_unended &&
	    !(release_start(output, error) && put(output, end, error)))
		return false;
	output->is_unended = false;
	return flush(output, error);
}
