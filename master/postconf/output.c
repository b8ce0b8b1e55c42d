/* SPDX-License-Identifier: MIT */
#include "master/postconf/output.h"

#include "lib/base/text.h"

void
output_word(struct output_line *line, struct span word, bool breaks)
{
	if (line->most > 0 && line->width > 0 &&
	    (breaks || line->width + 1 + word.len > line->most)) {
		buf_append_text(line->out, "\n" OUTPUT_INDENT);
		line->width = strlen(OUTPUT_INDENT);
	} else if (line->width > 0) {
		buf_append_byte(line->out, ' ');
		line->width++;
	}
	buf_append_span(line->out, word);
	line->width += word.len;
}

static void
append_words(struct output_line *line, struct span text)
{
	struct span word;

	while (span_take_word(&text, " \t\r\n", &word))
		output_word(line, word, false);
}

void
output_member(
    struct buf *out, const char *name, struct span value, bool is_first)
{
	buf_append_text(out, is_first ? "" : ", ");
	text_append_json(out, span_text(name));
	buf_append_text(out, ": ");
	text_append_json(out, value);
}

static void
append_object(const struct output *output, struct span name, struct span value)
{
	buf_append_text(output->out, "{\"name\": ");
	text_append_json(output->out, name);
	if (!output->is_name_only)
		output_member(output->out, "value", value, false);
	buf_append_text(output->out, "}\n");
}

void
output_setting(const struct output *output, struct span name, struct span value)
{
	struct output_line line = {
	    output->out, output->is_folded ? OUTPUT_WIDTH : 0, 0};

	if (output->is_json) {
		append_object(output, name, value);
		return;
	}
	if (!output->is_value_only)
		append_words(&line, name);
	if (!output->is_value_only && !output->is_name_only)
		output_word(&line, SPAN("="), false);
	if (!output->is_name_only)
		append_words(&line, value);
	buf_append_byte(output->out, '\n');
}
