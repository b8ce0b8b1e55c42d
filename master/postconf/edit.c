/* SPDX-License-Identifier: MIT */
#include "master/postconf/edit.h"

#include "lib/base/text.h"
#include "lib/param/config.h"

bool
edit_parse(struct span setting, struct edit *edit, struct error *error)
{
	*edit = (struct edit){.is_done = false};
	if (!config_split(setting, &edit->name, &edit->value))
		return error_set(error, ERROR_INVALID,
		    "expected name=value, found \"%.*s\"",
		    SPAN_ARGS(span_head(setting, 60)));
	/* It would read as a comment. */
	if (edit->name.at[0] == '#')
		return error_set(
		    error, ERROR_INVALID, "a name cannot begin with \"#\"");
	if (span_find(edit->value, '\n') < edit->value.len)
		return error_set(error, ERROR_INVALID,
		    "expected one line for %.*s", SPAN_ARGS(edit->name));
	return true;
}

static struct edit *
find_edit(struct edit *edits, size_t count, struct span name)
{
	for (size_t i = 0; i < count; i++)
		if (span_equal(edits[i].name, name))
			return &edits[i];
	return NULL;
}

/* The physical line at the start of `text`, with its end. */
static struct span
first_line(struct span text)
{
	return span_head(text, span_find(text, '\n') + 1);
}

static bool
is_silent(struct span line)
{
	line = span_trim(line);
	return line.len == 0 || line.at[0] == '#';
}

/* Neither silent nor a continuation: the beginning of a setting. */
static bool
begins_setting(struct span line)
{
	return !is_silent(line) && !text_is_space(line.at[0]);
}

static void
append_setting(const struct edit *edit, struct buf *out)
{
	buf_append_span(out, edit->name);
	buf_append_text(out, edit->value.len > 0 ? " = " : " =");
	buf_append_span(out, edit->value);
	buf_append_byte(out, '\n');
}

/* The last of several settings of one name counts. */
static struct edit *
last_edit(struct edit *edits, size_t count, struct span name)
{
	struct edit *last = NULL;
	struct edit *edit = find_edit(edits, count, name);

	while (edit != NULL) {
		last = edit;
		count -= (size_t)(edit + 1 - edits);
		edits = edit + 1;
		edit = find_edit(edits, count, name);
	}
	return last;
}

static struct edit *
edit_of_line(struct edit *edits, size_t count, struct span line)
{
	struct span name;
	struct span value;

	if (!config_split(line, &name, &value))
		return NULL;
	return last_edit(edits, count, name);
}

/* Marks it, and its earlier namesakes, which it overrides. */
static void
finish_edit(struct edit *edits, size_t count, struct span name)
{
	for (size_t i = 0; i < count; i++)
		if (span_equal(edits[i].name, name))
			edits[i].is_done = true;
}

static void
copy_lines(struct span text, struct edit *edits, size_t count, struct buf *out)
{
	struct edit *edit = NULL; /* of the setting we are in */

	while (text.len > 0) {
		struct span line = first_line(text);

		text = span_skip(text, line.len);
		if (begins_setting(line)) {
			edit = edit_of_line(edits, count, line);
			if (edit != NULL && !edit->is_done) {
				append_setting(edit, out);
				finish_edit(edits, count, edit->name);
			}
		}
		if (edit == NULL || is_silent(line))
			buf_append_span(out, line);
	}
}

static void
end_last_line(struct buf *out)
{
	if (out->len > 0 && out->at[out->len - 1] != '\n')
		buf_append_byte(out, '\n');
}

bool
edit_apply(struct span main_cf, struct edit *edits, size_t count,
    struct buf *out, struct error *error)
{
	copy_lines(main_cf, edits, count, out);
	for (size_t i = 0; i < count; i++) {
		struct edit *edit = last_edit(edits, count, edits[i].name);

		if (edit->is_done)
			continue;
		end_last_line(out);
		append_setting(edit, out);
		finish_edit(edits, count, edit->name);
	}
	return !out->overflowed ||
	    error_set(error, ERROR_LIMIT, "main.cf would be too large");
}
