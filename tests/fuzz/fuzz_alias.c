/* SPDX-License-Identifier: MIT */
/* Alias files: entries, and the members of each value. */
#include "lib/table/alias_source.h"
#include "lib/table/alias_value.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

static bool
is_part_of(struct span part, struct span whole)
{
	return part.at >= whole.at &&
	    part.at + part.len <= whole.at + whole.len;
}

static void
walk_members(struct span value)
{
	struct pool *pool = pool_create(NULL, "fuzz", 1024 * 1024);
	struct alias_member member;
	struct error error;
	enum alias_value_result result;

	do {
		size_t before = value.len;

		result = alias_value_next(pool, &value, &member, &error);
		must(value.len < before || result == ALIAS_VALUE_END);
		must(result != ALIAS_VALUE_MEMBER || member.text.len > 0);
	} while (result == ALIAS_VALUE_MEMBER || result == ALIAS_VALUE_BAD);
	pool_destroy(pool);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
	struct map_source source;
	struct map_entry entry;
	struct error error;
	enum map_source_result result;

	map_source_init(&source, "fuzz", span_of(bytes, count));
	do {
		result = alias_source_next(&source, &entry, &error);
		if (result != MAP_SOURCE_ENTRY)
			continue;
		must(entry.key.len > 0 && entry.value.len > 0);
		must(is_part_of(entry.key, buf_span(&source.line)));
		must(is_part_of(entry.value, buf_span(&source.line)));
		walk_members(entry.value);
	} while (result == MAP_SOURCE_ENTRY || result == MAP_SOURCE_BAD);
	map_source_finish(&source);
	return 0;
}
