/* SPDX-License-Identifier: MIT */
#include "master/postconf/edit_service.h"

#include "lib/param/config.h"
#include "lib/param/logical_line.h"

#include "master/postconf/edit_text.h"

#define LINE_MAXIMUM LOGICAL_LINE_MAXIMUM

static const struct {
	const char *form;
	unsigned parts; /* of the pattern */
} targets[] = {
    [EDIT_TARGET_LINE] = {"service/type", 2},
    [EDIT_TARGET_FIELD] = {"service/type/field", 3},
    [EDIT_TARGET_PARAMETER] = {"service/type/parameter", 3},
};

static bool
expect(const struct edit_service *edit, struct error *error)
{
	return error_set(error, ERROR_INVALID, "expected %s%s, found \"%.60s\"",
	    targets[edit->target].form,
	    edit->kind == EDIT_KIND_SET ? "=value" : "", edit->text);
}

static bool
check_part(const struct edit_service *edit, struct error *error)
{
	struct span part = edit->pattern.part;

	if (edit->target == EDIT_TARGET_FIELD &&
	    service_line_find_field(part) == SERVICE_FIELD_COUNT)
		return error_set(error, ERROR_INVALID,
		    "there is no field \"%.*s\"; expected service, type, "
		    "private, unprivileged, chroot, wakeup, process_limit or "
		    "command",
		    SPAN_ARGS(span_head(part, 40)));
	if (edit->target == EDIT_TARGET_LINE && edit->kind == EDIT_KIND_SET &&
	    (edit->pattern.name.len == 0 || edit->pattern.type.len == 0))
		return expect(edit, error);
	return true;
}

bool
edit_service_parse(enum edit_target target, enum edit_kind kind,
    const char *text, struct edit_service *edit, struct error *error)
{
	struct span pattern = span_text(text);
	unsigned parts = targets[target].parts;

	*edit =
	    (struct edit_service){.target = target, .kind = kind, .text = text};
	if (kind == EDIT_KIND_SET &&
	    !span_split(span_text(text), '=', &pattern, &edit->value))
		return expect(edit, error);
	pattern = span_trim(pattern);
	edit->value = span_trim(edit->value);
	if (span_find(span_text(text), '\n') < strlen(text))
		return error_set(error, ERROR_INVALID, "expected one line");
	if (!service_pattern_parse(pattern, parts, &edit->pattern) ||
	    (target != EDIT_TARGET_LINE && edit->pattern.part.len == 0))
		return expect(edit, error);
	return check_part(edit, error);
}

struct work {
	struct edit_service *edits;
	size_t count;
	struct error *error;
	bool failed;
};

static bool
blame(struct work *work, const struct edit_service *edit)
{
	work->failed = true;
	return error_prefix(work->error, "%.80s", edit->text);
}

/* Whether master.cf could have that line. */
static bool
check_line(struct span text, struct error *error)
{
	struct pool *pool = pool_create(NULL, "line", POOL_NO_MAXIMUM);
	struct master_cf parsed;
	bool good =
	    master_cf_parse(pool, "the new line", text, &parsed, NULL, error);

	if (good && parsed.count != 1)
		good = error_set(error, ERROR_INVALID, "expected one service");
	pool_destroy(pool);
	return good;
}

/* In its regular form. */
static void
append_line(struct span text, struct buf *out)
{
	struct service_line line;

	must(service_line_split(text, &line));
	service_line_append(&line, NULL, true, out);
}

static void
append_fields(const struct service_line *line, struct buf *out)
{
	for (size_t i = 0; i < SERVICE_FIELD_COUNT; i++) {
		if (i > 0)
			buf_append_byte(out, ' ');
		buf_append_span(out, line->field[i]);
	}
}

/* The command with the option set, or removed, in `out`. */
static void
change_option(
    struct span command, const struct edit_service *edit, struct buf *out)
{
	struct service_word option = {
	    .kind = SERVICE_WORD_OPTION,
	    .name = edit->pattern.part,
	    .value = edit->value,
	};
	bool is_done = edit->kind == EDIT_KIND_REMOVE;
	struct service_word word;
	unsigned state = 0;

	while (service_line_next(&command, &state, &word)) {
		bool is_it = word.kind == SERVICE_WORD_OPTION &&
		    span_equal(word.name, option.name);
		bool is_behind =
		    out->len > 0 && word.kind == SERVICE_WORD_OTHER;

		if (!is_done && (is_it || is_behind)) {
			service_line_append_word(out, &option);
			is_done = true;
		}
		if (!is_it)
			service_line_append_word(out, &word);
	}
	if (!is_done)
		service_line_append_word(out, &option);
}

/* Makes *text, which `changed` holds then, what the edit makes of it. */
static void
change(const struct edit_service *edit, struct span *text, struct buf *changed)
{
	struct service_line line;
	struct buf command;

	if (edit->target == EDIT_TARGET_LINE) {
		buf_append_span(changed, edit->value);
		*text = buf_span(changed);
		return;
	}
	must(service_line_split(*text, &line));
	buf_init(&command, LINE_MAXIMUM);
	if (edit->target == EDIT_TARGET_FIELD) {
		line.field[service_line_find_field(edit->pattern.part)] =
		    edit->value;
	} else {
		change_option(line.field[SERVICE_COMMAND], edit, &command);
		line.field[SERVICE_COMMAND] = buf_span(&command);
	}
	append_fields(&line, changed);
	buf_finish(&command);
	*text = buf_span(changed);
}

static bool
matches(const struct edit_service *edit, struct span entry)
{
	struct service_line line;

	return service_line_split(entry, &line) &&
	    service_pattern_matches(&edit->pattern, line.field[SERVICE_NAME],
		line.field[SERVICE_TYPE]);
}

/* One edit of a whole line: what is to be done with it. */
static enum edit_action
action_of(const struct edit_service *edit)
{
	if (edit->target != EDIT_TARGET_LINE || edit->kind == EDIT_KIND_SET)
		return EDIT_KEEP;
	return edit->kind == EDIT_KIND_REMOVE ? EDIT_DROP : EDIT_COMMENT;
}

/* Lets all edits that match work on the entry, one after the other. */
static enum edit_action
decide(void *argument, struct span entry, struct buf *out)
{
	struct work *work = argument;
	enum edit_action action = EDIT_KEEP;
	struct buf texts[2];
	unsigned changes = 0;

	buf_init(&texts[0], LINE_MAXIMUM);
	buf_init(&texts[1], LINE_MAXIMUM);
	for (size_t i = 0; i < work->count && !work->failed; i++) {
		struct edit_service *edit = &work->edits[i];
		struct buf *text = &texts[changes % 2];

		if (action != EDIT_KEEP || !matches(edit, entry))
			continue;
		edit->has_matched = true;
		action = action_of(edit);
		if (action != EDIT_KEEP)
			continue;
		buf_clear(text);
		change(edit, &entry, text);
		changes++;
		if (!check_line(entry, work->error))
			(void)blame(work, edit);
	}
	if (changes > 0 && action == EDIT_KEEP && !work->failed) {
		append_line(entry, out);
		action = EDIT_DROP;
	}
	buf_finish(&texts[0]);
	buf_finish(&texts[1]);
	return action;
}

static bool
add_new(struct work *work, struct buf *out)
{
	for (size_t i = 0; i < work->count; i++) {
		struct edit_service *edit = &work->edits[i];

		if (edit->has_matched || edit->kind != EDIT_KIND_SET ||
		    edit->target != EDIT_TARGET_LINE)
			continue;
		if (!check_line(edit->value, work->error))
			return blame(work, edit);
		edit_text_end_line(out);
		append_line(edit->value, out);
		edit->has_matched = true;
	}
	return true;
}

bool
edit_service_apply(struct span master_cf, struct edit_service *edits,
    size_t count, struct buf *out, struct error *error)
{
	struct work work = {.edits = edits, .count = count, .error = error};

	edit_text(master_cf, decide, &work, out);
	if (work.failed || !add_new(&work, out))
		return false;
	return !out->overflowed ||
	    error_set(error, ERROR_LIMIT, "master.cf would be too large");
}
