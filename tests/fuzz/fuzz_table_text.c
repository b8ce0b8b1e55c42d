/* SPDX-License-Identifier: MIT */
/* The text of maps, and inline tables. */
#include "lib/table/map_source.h"
#include "lib/table/table.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

static void
read_map(struct span text)
{
	struct map_source source;
	struct map_entry entry;
	struct error error;
	enum map_source_result result;

	map_source_init(&source, "fuzz", text);
	do {
		result = map_source_next(&source, &entry, &error);
		if (result == MAP_SOURCE_ENTRY)
			must(entry.key.len > 0 && entry.value.len > 0);
	} while (result == MAP_SOURCE_ENTRY || result == MAP_SOURCE_BAD);
	map_source_finish(&source);
}

/* Opens the text as the name of a table that needs no file. */
static void
open_inline(struct span text)
{
	struct buf name;
	struct buf value;
	struct error error;
	struct table *table;

	buf_init(&name, text.len + 7);
	buf_init(&value, 1000);
	must(buf_append_text(&name, "inline:"));
	must(buf_append_span(&name, text));
	table = table_open(buf_span(&name), NULL, NULL, &error);
	if (table != NULL)
		(void)!table_get(table, span_head(text, 3), &value, &error);
	table_close(table);
	buf_finish(&name);
	buf_finish(&value);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
	read_map(span_of(bytes, count));
	open_inline(span_of(bytes, count));
	return 0;
}
