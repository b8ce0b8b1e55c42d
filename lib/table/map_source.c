/* SPDX-License-Identifier: MIT */
#include "lib/table/map_source.h"

#include "lib/base/text.h"

void
map_source_init(struct map_source *source, const char *file, struct span text)
{
	logical_line_start(&source->reader, file, text);
	buf_init(&source->line, LOGICAL_LINE_MAXIMUM);
}

void
map_source_finish(struct map_source *source)
{
	buf_finish(&source->line);
}

enum map_source_result
map_source_take_line(struct map_source *source, struct error *error)
{
	static const enum map_source_result results[] = {
	    [LOGICAL_LINE_TEXT] = MAP_SOURCE_ENTRY,
	    [LOGICAL_LINE_END] = MAP_SOURCE_END,
	    [LOGICAL_LINE_BAD] = MAP_SOURCE_BAD,
	};

	return results[logical_line_next(
	    &source->reader, &source->line, error)];
}

enum map_source_result
map_source_refuse(
    const struct map_source *source, struct error *error, const char *words)
{
	error_set(error, ERROR_INVALID, "%s, line %u: %s", source->reader.file,
	    source->reader.number, words);
	return MAP_SOURCE_BAD;
}

/* Up to the first white space outside quotes; a backslash inside them takes the
 * next byte's meaning away. */
static size_t
key_length(struct span line)
{
	bool quoted = false;
	size_t i;

	for (i = 0; i < line.len; i++) {
		char byte = line.at[i];

		if (!quoted && text_is_space(byte))
			break;
		if (byte == '"')
			quoted = !quoted;
		if (quoted && byte == '\\' && i + 1 < line.len)
			i++;
	}
	return i;
}

enum map_source_result
map_source_next(
    struct map_source *source, struct map_entry *entry, struct error *error)
{
	enum map_source_result result = map_source_take_line(source, error);
	struct span line = buf_span(&source->line);
	size_t len;

	if (result != MAP_SOURCE_ENTRY)
		return result;
	len = key_length(line);
	entry->key = span_head(line, len);
	entry->value = span_trim(span_skip(line, len));
	entry->line = source->reader.number;
	if (entry->value.len == 0)
		return map_source_refuse(
		    source, error, "expected a key, white space and a value");
	if (entry->key.at[entry->key.len - 1] == ':')
		return map_source_refuse(source, error,
		    "expected a key without a colon at its end; is this an "
		    "alias file?");
	return MAP_SOURCE_ENTRY;
}
