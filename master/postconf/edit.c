/* SPDX-License-Identifier: MIT */
#include "master/postconf/edit.h"

#include "lib/param/config.h"

#include "master/postconf/edit_text.h"

static bool
parse_name(struct span name, struct edit *edit, struct error *error)
{
	struct span value;
	struct buf setting;
	bool good;

	/* What may be a name is what may stand before a "=". */
	buf_init(&setting, name.len + 2);
	buf_append_span(&setting, name);
	buf_append_byte(&setting, '=');
	good = config_split(buf_span(&setting), &edit->name, &value) &&
	    value.len == 0;
	buf_finish(&setting);
	edit->name = span_trim(name);
	return good ||
	    error_set(error, ERROR_INVALID,
		"expected the name of a parameter, found \"%.*s\"",
		SPAN_ARGS(span_head(name, 60)));
}

bool
edit_parse(enum edit_kind kind, struct span setting, struct edit *edit,
    struct error *error)
{
	*edit = (struct edit){.kind = kind};
	if (kind != EDIT_KIND_SET)
		return parse_name(setting, edit, error);
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

struct edits {
	struct edit *at;
	size_t count;
};

/* The last of several settings of one name counts; NULL when there is none. */
static struct edit *
last_edit(const struct edits *edits, struct span name)
{
	for (size_t i = edits->count; i > 0; i--)
		if (span_equal(edits->at[i - 1].name, name))
			return &edits->at[i - 1];
	return NULL;
}

/* Marks it, and its earlier namesakes, which it overrides. */
static void
finish_edits(const struct edits *edits, struct span name)
{
	for (size_t i = 0; i < edits->count; i++)
		if (span_equal(edits->at[i].name, name))
			edits->at[i].is_done = true;
}

static void
append_setting(const struct edit *edit, struct buf *out)
{
	buf_append_span(out, edit->name);
	buf_append_text(out, edit->value.len > 0 ? " = " : " =");
	buf_append_span(out, edit->value);
	buf_append_byte(out, '\n');
}

static enum edit_action
decide(void *argument, struct span entry, struct buf *out)
{
	const struct edits *edits = argument;
	struct edit *edit;
	struct span name;
	struct span value;

	if (!config_split(entry, &name, &value))
		return EDIT_KEEP;
	edit = last_edit(edits, name);
	if (edit == NULL)
		return EDIT_KEEP;
	if (edit->kind == EDIT_KIND_SET && !edit->is_done)
		append_setting(edit, out);
	finish_edits(edits, name);
	return edit->kind == EDIT_KIND_COMMENT ? EDIT_COMMENT : EDIT_DROP;
}

bool
edit_apply(struct span main_cf, struct edit *edits, size_t count,
    struct buf *out, struct error *error)
{
	struct edits all = {edits, count};

	edit_text(main_cf, decide, &all, out);
	for (size_t i = 0; i < count; i++) {
		struct edit *edit = last_edit(&all, edits[i].name);

		if (edit->is_done || edit->kind != EDIT_KIND_SET)
			continue;
		edit_text_end_line(out);
		append_setting(edit, out);
		finish_edits(&all, edit->name);
	}
	return !out->overflowed ||
	    error_set(error, ERROR_LIMIT, "main.cf would be too large");
}
