/* SPDX-License-Identifier: MIT */
#include "man/doc/message_list.h"

#include "man/doc/comment.h"

struct message_list {
	struct buf *out;
	struct span rest;
	bool has_section;
	bool has_item; /* of the section */
};

/* What may stand outside comments. */
static const struct {
	struct span word;
	const char *note; /* NULL: nothing is said */
} declarations[] = {
    {{"MESSAGE", 7}, NULL},
    {{"SIGNAL", 6}, NULL},
    {{"RECORD", 6}, "An element of a list."},
};

static void
end_section(struct message_list *list)
{
	if (list->has_item)
		buf_append_text(list->out, ".El\n");
	list->has_item = false;
}

static void
begin_item(struct message_list *list)
{
	if (!list->has_item)
		buf_append_text(list->out, ".Bl -tag -width Ds\n");
	list->has_item = true;
}

/* mdoc wants each sentence on a line of its own. */
static void
append_comment(struct message_list *list, struct span comment)
{
	const struct span stop = SPAN(". ");
	struct span line;
	size_t end;

	while (comment_take_line(&comment, &line)) {
		line = span_trim(line);
		while ((end = span_find_span(line, stop)) < line.len) {
			comment_append_line(
			    list->out, span_head(line, end + 1));
			line = span_skip(line, end + stop.len);
		}
		if (line.len > 0)
			comment_append_line(list->out, line);
	}
}

/* True when the comment began a section. */
static bool
take_section(struct message_list *list, struct span comment)
{
	const struct span rule = SPAN("----");
	struct span rest = comment;
	struct span title;

	if (!comment_take_line(&rest, &title) || !span_starts(title, rule))
		return false;
	title = span_trim(span_skip(title, rule.len));
	if (span_ends(title, rule))
		title = span_trim(span_head(title, title.len - rule.len));
	end_section(list);
	list->has_section = true;
	buf_append_text(list->out, ".Ss ");
	comment_append_line(list->out, title);
	append_comment(list, rest);
	return true;
}

/* "FIELD(text, name)" -> "name (text)". */
static void
append_fields(struct buf *out, struct span fields)
{
	const struct span mark = SPAN("FIELD(");
	const char *before = "Fields: ";
	struct span field;
	struct span type;
	struct span name;
	size_t start;

	while ((start = span_find_span(fields, mark)) < fields.len) {
		fields = span_skip(fields, start + mark.len);
		(void)span_split(fields, ')', &field, &fields);
		(void)span_split(field, ',', &type, &name);
		name = span_trim(name);
		buf_printf(out, "%s%.*s (%.*s)", before, SPAN_ARGS(name),
		    SPAN_ARGS(type));
		before = ",\n";
	}
	if (before[0] == ',')
		buf_append_text(out, ".\n");
}

/* The text between parentheses; they may be nested. */
static bool
take_arguments(struct span *rest, struct span *arguments)
{
	size_t depth = 0;

	for (size_t i = 0; i < rest->len; i++) {
		depth += rest->at[i] == '(';
		depth -= rest->at[i] == ')';
		if (depth > 0)
			continue;
		*arguments = span_skip(span_head(*rest, i), 1);
		*rest = span_skip(*rest, i + 1);
		return true;
	}
	return false;
}

static bool
take_declaration(struct message_list *list, struct span comment)
{
	struct span arguments;
	struct span name;

	for (size_t i = 0; i < COUNT_OF(declarations); i++) {
		if (!span_starts(list->rest, declarations[i].word))
			continue;
		list->rest = span_skip(list->rest, declarations[i].word.len);
		if (!take_arguments(&list->rest, &arguments))
			return false;
		(void)span_split(arguments, ',', &name, &arguments);
		begin_item(list);
		buf_printf(list->out, ".It Ic %.*s\n", SPAN_ARGS(name));
		append_comment(list, comment);
		if (declarations[i].note != NULL)
			buf_printf(list->out, "%s\n", declarations[i].note);
		append_fields(list->out, arguments);
		return true;
	}
	return false;
}

bool
message_list_append(struct buf *out, struct span source, struct error *error)
{
	struct message_list list = {.out = out, .rest = source};
	struct span comment = SPAN_EMPTY;

	for (;;) {
		list.rest = span_trim(list.rest);
		if (list.rest.len == 0)
			break;
		if (span_starts(list.rest, SPAN("/*"))) {
			if (!comment_take(&list.rest, &comment))
				break;
			if (take_section(&list, comment))
				comment = SPAN_EMPTY;
			continue;
		}
		if (!list.has_section || !take_declaration(&list, comment))
			return error_set(error, ERROR_INVALID,
			    "expected a declaration at \"%.*s\"",
			    SPAN_ARGS(span_head(list.rest, 40)));
		comment = SPAN_EMPTY;
	}
	end_section(&list);
	return true;
}
