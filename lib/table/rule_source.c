/* SPDX-License-Identifier: MIT */
#include "lib/table/rule_source.h"

#include "lib/base/text.h"

static struct span
skip_space(struct span text)
{
	while (text.len > 0 && text_is_space(text.at[0]))
		text = span_skip(text, 1);
	return text;
}

/* Takes the word from the front of *rest, when nothing that could be more of
 * one follows. */
static bool
take_keyword(struct span *rest, struct span keyword)
{
	if (!span_starts_fold(*rest, keyword) ||
	    (rest->len > keyword.len &&
		text_is_alphanumeric(rest->at[keyword.len])))
		return false;
	*rest = skip_space(span_skip(*rest, keyword.len));
	return true;
}

static size_t
word_length(struct span text)
{
	size_t len = 0;

	while (len < text.len && !text_is_space(text.at[len]))
		len++;
	return len;
}

/* Length of what stands before `delimiter`; a backslash protects the byte
 * behind it. text.len: there is none. */
static size_t
delimited_length(struct span text, char delimiter)
{
	size_t len = 0;

	while (len < text.len && text.at[len] != delimiter)
		len += text.at[len] == '\\' ? 2 : 1;
	return len < text.len ? len : text.len;
}

/* NULL, or what was expected. */
static const char *
take_delimited(struct span *rest, struct rule_line *line)
{
	char delimiter = rest->at[0];
	size_t len;

	if (text_is_alphanumeric(delimiter) || delimiter == '\\')
		return "expected /pattern/flags result, if or endif";
	*rest = span_skip(*rest, 1);
	len = delimited_length(*rest, delimiter);
	if (len == rest->len)
		return "expected a second delimiter behind the pattern";
	line->pattern = span_head(*rest, len);
	*rest = span_skip(*rest, len + 1);
	line->flags = span_head(*rest, word_length(*rest));
	*rest = span_skip(*rest, line->flags.len);
	return NULL;
}

static const char *
take_pattern(struct span *rest, enum rule_syntax syntax, struct rule_line *line)
{
	while (rest->len > 0 && rest->at[0] == '!') {
		line->negated = !line->negated;
		*rest = skip_space(span_skip(*rest, 1));
	}
	if (rest->len == 0)
		return "expected a pattern";
	if (syntax == RULE_SYNTAX_DELIMITED)
		return take_delimited(rest, line);
	line->pattern = span_head(*rest, word_length(*rest));
	*rest = span_skip(*rest, line->pattern.len);
	return NULL;
}

enum map_source_result
rule_source_next(struct map_source *source, enum rule_syntax syntax,
    struct rule_line *line, struct error *error)
{
	enum map_source_result result = map_source_take_line(source, error);
	struct span rest = buf_span(&source->line);
	const char *expected = NULL;

	if (result != MAP_SOURCE_ENTRY)
		return result;
	*line = (struct rule_line){.line = source->reader.number};
	if (take_keyword(&rest, SPAN("endif")))
		line->kind = RULE_LINE_ENDIF;
	else if (take_keyword(&rest, SPAN("if")))
		line->kind = RULE_LINE_IF;
	if (line->kind != RULE_LINE_ENDIF)
		expected = take_pattern(&rest, syntax, line);
	if (expected != NULL)
		return map_source_refuse(source, error, expected);
	line->result = span_trim(rest);
	return MAP_SOURCE_ENTRY;
}
