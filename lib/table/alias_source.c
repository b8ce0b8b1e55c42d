/* SPDX-License-Identifier: MIT */
#include "lib/table/alias_source.h"

#include "lib/base/text.h"

/* A name on the left of an alias: what is read of it and where its plain form
 * is written, over the bytes already read. */
struct name {
	char *at;
	size_t len;  /* of the plain form */
	size_t read; /* up to and with the ':' */
};

static bool
read_quoted(struct span line, struct name *name)
{
	for (name->read++; name->read < line.len; name->read++) {
		char byte = line.at[name->read];

		if (byte == '"')
			return true;
		if (byte == '\\' && ++name->read == line.len)
			return false;
		name->at[name->len++] = line.at[name->read];
	}
	return false;
}

/* Words and quoted strings up to ':'; blanks only around the whole. False when
 * the line does not begin with a name and a colon. */
static bool
read_name(struct span line, struct name *name)
{
	bool ended = false; /* a blank was seen behind the name */

	for (; name->read < line.len; name->read++) {
		char byte = line.at[name->read];

		if (byte == ':') {
			name->read++;
			return name->len > 0;
		}
		if (text_is_blank(byte)) {
			ended = name->len > 0;
			continue;
		}
		if (ended)
			return false;
		if (byte != '"')
			name->at[name->len++] = byte;
		else if (!read_quoted(line, name))
			return false;
	}
	return false;
}

enum map_source_result
alias_source_next(
    struct map_source *source, struct map_entry *entry, struct error *error)
{
	enum map_source_result result = map_source_take_line(source, error);
	struct span line = buf_span(&source->line);
	struct name name = {.at = source->line.at};

	if (result != MAP_SOURCE_ENTRY)
		return result;
	if (!read_name(line, &name))
		return map_source_refuse(
		    source, error, "expected name: value, value ...");
	entry->key = span_of(name.at, name.len);
	entry->value = span_trim(span_skip(line, name.read));
	entry->line = source->reader.number;
	if (entry->value.len == 0)
		return map_source_refuse(
		    source, error, "expected a value behind the colon");
	return MAP_SOURCE_ENTRY;
}
