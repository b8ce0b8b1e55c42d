/* SPDX-License-Identifier: MIT */
#include "master/postern/relocate.h"

/* What a configuration that was written for its usual place says. */
#define POSTFIX_DIRECTORY "/etc/postfix"

static bool
ends_path(char byte)
{
	return strchr(" \t\r\n,{}:;\"'", byte) != NULL;
}

/* Whether a path may begin at text.at[at]. */
static bool
begins_path(struct span text, size_t at)
{
	return at == 0 || strchr(" \t\r\n,{}:;\"'=!<", text.at[at - 1]) != NULL;
}

/* The path below `directory` at the start of `text`, without that and the
 * slash; false when there is none. */
static bool
take_path(struct span text, const char *directory, struct span *path)
{
	struct span start = span_text(directory);
	size_t len = start.len + 1;

	if (!span_starts(text, start) || text.len < len ||
	    text.at[start.len] != '/')
		return false;
	while (len < text.len && !ends_path(text.at[len]))
		len++;
	*path = span_skip(span_head(text, len), start.len + 1);
	return path->len > 0;
}

/* Appends the path at the start of `line` as it is in the copy; 0 when it is
 * none that goes along, else its length. */
static size_t
move_path(const struct relocation *relocation, const char *where,
    struct span line, struct buf *out)
{
	const char *directories[] = {relocation->from, POSTFIX_DIRECTORY};

	for (size_t i = 0; i < COUNT_OF(directories); i++) {
		struct span path;

		if (!take_path(line, directories[i], &path) ||
		    !relocation->goes_along(relocation->argument, path))
			continue;
		buf_printf(out, "%s/%.*s", relocation->to, SPAN_ARGS(path));
		warnings_add(relocation->notes, "%s: %s/%.*s is now %s/%.*s",
		    where, directories[i], SPAN_ARGS(path), relocation->to,
		    SPAN_ARGS(path));
		return strlen(directories[i]) + 1 + path.len;
	}
	return 0;
}

static void
relocate_line(const struct relocation *relocation, const char *where,
    struct span line, struct buf *out)
{
	size_t at = 0;

	while (at < line.len) {
		size_t moved = 0;

		if (line.at[at] == '/' && begins_path(line, at))
			moved = move_path(
			    relocation, where, span_skip(line, at), out);
		if (moved == 0)
			buf_append_byte(out, line.at[at++]);
		at += moved;
	}
}

static bool
is_comment(struct span line)
{
	line = span_trim(line);
	return line.len > 0 && line.at[0] == '#';
}

void
relocate_text(const struct relocation *relocation, const char *file,
    struct span text, struct buf *out)
{
	for (unsigned number = 1; text.len > 0; number++) {
		struct span line = span_head(text, span_find(text, '\n') + 1);
		char where[80];

		text = span_skip(text, line.len);
		snprintf(where, sizeof where, "%s, line %u", file, number);
		if (is_comment(line))
			buf_append_span(out, line);
		else
			relocate_line(relocation, where, line, out);
	}
}
