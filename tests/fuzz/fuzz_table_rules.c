/* SPDX-License-Identifier: MIT */
/* The text of regexp:, pcre: and cidr: tables; the first byte chooses. */
#include "lib/table/map_source.h"
#include "lib/table/posix_pattern.h"
#include "lib/table/rule_source.h"
#include "lib/table/rule_table.h"
#include "lib/table/rule_template.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

static const struct pattern_type *const types[] = {
    &pattern_regexp, &pattern_pcre, &pattern_cidr};

static bool
is_inside(struct span part, const struct buf *line)
{
	return part.len == 0 ||
	    (part.at >= line->at && part.at + part.len <= line->at + line->len);
}

static void
read_rules(struct span text, enum rule_syntax syntax)
{
	struct map_source source;
	struct rule_line line;
	struct error error;
	enum map_source_result result;

	map_source_init(&source, "fuzz", text);
	do {
		result = rule_source_next(&source, syntax, &line, &error);
		if (result == MAP_SOURCE_ENTRY)
			must(is_inside(line.pattern, &source.line) &&
			    is_inside(line.flags, &source.line) &&
			    is_inside(line.result, &source.line));
	} while (result != MAP_SOURCE_END);
	map_source_finish(&source);
}

/* As rule_table.c uses them, but with small limits and no file. */
static void
look_up(const struct pattern_type *type, struct span text)
{
	const struct table_options options = {.keep_case = false};
	struct rule_table *table;
	struct error error;
	struct buf name;
	struct buf value;

	buf_init(&name, 4 * text.len + 10);
	buf_init(&value, 1000);
	buf_append_text(&name, "{");
	while (text.len > 0) {
		struct span line;

		span_split(text, '\n', &line, &text);
		buf_printf(&name, " {%.*s}", SPAN_ARGS(line));
	}
	buf_append_text(&name, "}");
	table = rule_table_open(type, buf_text(&name), &options, &error);
	if (table != NULL) {
		(void)!rule_table_get(table, SPAN("192.0.2.1"), &value, &error);
		buf_clear(&value);
		(void)!rule_table_get(table, SPAN("aab@b.c"), &value, &error);
		rule_table_close(table);
	}
	buf_finish(&name);
	buf_finish(&value);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
	struct span text = span_of(bytes, count);
	const struct pattern_type *type;

	/* A short text can still ask for much: (a{999}){999}. */
	if (count == 0 || count > 200)
		return 0;
	type = types[bytes[0] % COUNT_OF(types)];
	text = span_skip(text, 1);
	read_rules(text, type->syntax);
	look_up(type, text);
	return 0;
}
