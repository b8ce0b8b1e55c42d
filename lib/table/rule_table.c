/* SPDX-License-Identifier: MIT */
#include "lib/table/rule_table.h"

#include "lib/base/memory.h"
#include "lib/table/rule_template.h"
#include "lib/table/text_file.h"

enum {
	NESTING_MAXIMUM = 100
};

struct rule {
	enum rule_line_kind kind;
	bool negated;
	unsigned line;
	void *pattern; /* NULL: endif */
	struct rule_template result;
	size_t end; /* of an if: its endif, or where the rules end */
};

struct rule_table {
	const struct pattern_type *type;
	char *path; /* NULL: the rows were in the name */
	struct file_identity identity;
	struct pool *pool; /* of the templates */
	struct rule *rules;
	size_t count;
	size_t size;
	struct pattern_subject subject; /* scratch */
};

/* One reading of the text. */
struct reading {
	struct rule_table *table;
	const char *label;
	struct warnings *warnings;
	size_t open[NESTING_MAXIMUM]; /* ifs without their endif */
	size_t depth;
};

static void
warn(const struct reading *reading, unsigned line, const char *words)
{
	warnings_add(
	    reading->warnings, "%s, line %u: %s", reading->label, line, words);
}

static void
add_rule(struct rule_table *table, const struct rule *rule)
{
	if (table->count == table->size) {
		table->size = table->size == 0 ? 16 : table->size * 2;
		table->rules = memory_resize(
		    table->rules, table->size * sizeof *table->rules);
	}
	table->rules[table->count++] = *rule;
}

static void
take_endif(struct reading *reading, const struct rule_line *line)
{
	struct rule_table *table = reading->table;

	if (reading->depth == 0) {
		warn(reading, line->line, "endif without an if before it");
		return;
	}
	if (line->result.len > 0)
		warn(reading, line->line, "the text behind endif is ignored");
	table->rules[reading->open[--reading->depth]].end = table->count;
}

/* Reads the result of a row; `groups` is what its pattern has. */
static bool
take_result(struct rule_table *table, const struct rule_line *line,
    unsigned groups, struct rule *rule, struct error *error)
{
	if (table->type->syntax == RULE_SYNTAX_WORD) {
		if (line->result.len == 0)
			return error_set(error, ERROR_INVALID,
			    "expected a pattern, white space and a result");
		rule_template_literal(line->result, table->pool, &rule->result);
		return true;
	}
	if (!rule_template_parse(
		line->result, table->pool, &rule->result, error))
		return false;
	if (line->negated && rule->result.highest > 0)
		return error_set(error, ERROR_INVALID,
		    "a negated pattern matches nothing that $%u could be",
		    rule->result.highest);
	if (rule->result.highest > groups)
		return error_set(error, ERROR_INVALID,
		    "$%u, but the pattern has %u groups", rule->result.highest,
		    groups);
	return true;
}

static bool
compile(struct reading *reading, const struct rule_line *line,
    struct rule *rule, struct error *error)
{
	struct rule_table *table = reading->table;
	unsigned groups = 0;

	rule->pattern = table->type->compile(line, &groups, error);
	if (rule->pattern == NULL)
		return false;
	if (line->kind == RULE_LINE_ROW &&
	    !take_result(table, line, groups, rule, error)) {
		table->type->destroy(rule->pattern);
		return false;
	}
	if (line->kind == RULE_LINE_IF && reading->depth == NESTING_MAXIMUM) {
		table->type->destroy(rule->pattern);
		return error_set(
		    error, ERROR_LIMIT, "ifs are nested too deeply");
	}
	return true;
}

static void
take_line(struct reading *reading, const struct rule_line *line)
{
	struct rule rule = {
	    .kind = line->kind,
	    .negated = line->negated,
	    .line = line->line,
	    .end = SIZE_MAX,
	};
	struct error error;

	if (line->kind == RULE_LINE_ENDIF) {
		take_endif(reading, line);
		return;
	}
	if (!compile(reading, line, &rule, &error)) {
		warn(reading, line->line, error.text);
		return;
	}
	if (line->kind == RULE_LINE_IF) {
		if (line->result.len > 0)
			warn(reading, line->line,
			    "the text behind the if is ignored");
		reading->open[reading->depth++] = reading->table->count;
	} else if (line->result.len == 0) {
		warn(reading, line->line,
		    "no result behind the pattern: it is an empty text");
	}
	add_rule(reading->table, &rule);
}

static void
read_rules(struct reading *reading, struct span text)
{
	struct rule_table *table = reading->table;
	struct map_source source;
	struct rule_line line;
	struct error error;
	enum map_source_result result;

	map_source_init(&source, reading->label, text);
	do {
		result = rule_source_next(
		    &source, table->type->syntax, &line, &error);
		if (result == MAP_SOURCE_ENTRY)
			take_line(reading, &line);
		else if (result == MAP_SOURCE_BAD)
			warnings_add(reading->warnings, "%s", error.text);
	} while (result != MAP_SOURCE_END);
	map_source_finish(&source);
	while (reading->depth > 0)
		warn(reading,
		    table->rules[reading->open[--reading->depth]].line,
		    "if without an endif behind it");
}

void
rule_table_close(struct rule_table *table)
{
	for (size_t i = 0; i < table->count; i++)
		table->type->destroy(table->rules[i].pattern);
	free(table->rules);
	pool_destroy(table->pool);
	free(table->path);
	free(table);
}

static bool
get_text(struct rule_table *table, const char *argument, struct buf *text,
    struct error *error)
{
	if (text_file_is_inline(span_text(argument)))
		return text_file_unfold(span_text(argument), text, error);
	table->path = memory_copy(span_text(argument));
	return text_file_read(argument, text, &table->identity, error);
}

struct rule_table *
rule_table_open(const struct pattern_type *type, const char *argument,
    const struct table_options *options, struct error *error)
{
	struct rule_table *table = memory_zero(sizeof *table);
	struct reading reading = {
	    .table = table, .warnings = options->warnings};
	struct buf text;
	bool complete;

	table->type = type;
	table->pool = pool_create(NULL, "rules", POOL_NO_MAXIMUM);
	buf_init(&text, TEXT_FILE_MAXIMUM);
	complete = get_text(table, argument, &text, error);
	if (complete) {
		reading.label = table->path != NULL ? table->path : "inline";
		read_rules(&reading, buf_span(&text));
	}
	buf_finish(&text);
	if (complete)
		return table;
	rule_table_close(table);
	return NULL;
}

/* Whether the rule holds for the key: TABLE_FOUND or not. */
static enum table_result
try_rule(struct rule_table *table, const struct rule *rule, struct error *error)
{
	enum table_result result;

	if (table->type->concerns != NULL &&
	    !table->type->concerns(rule->pattern, &table->subject))
		return TABLE_NOT_FOUND;
	result = table->type->match(rule->pattern, &table->subject, error);
	if (result == TABLE_TRY_AGAIN) {
		error_prefix(error, "line %u", rule->line);
		return result;
	}
	return (result == TABLE_FOUND) != rule->negated ? TABLE_FOUND
							: TABLE_NOT_FOUND;
}

enum table_result
rule_table_get(struct rule_table *table, struct span key, struct buf *value,
    struct error *error)
{
	struct pattern_subject *subject = &table->subject;

	subject->key = key;
	if (table->type->begin != NULL && !table->type->begin(subject))
		return TABLE_NOT_FOUND;
	for (size_t i = 0; i < table->count; i++) {
		const struct rule *rule = &table->rules[i];
		enum table_result result = try_rule(table, rule, error);

		if (result == TABLE_TRY_AGAIN)
			return result;
		if (rule->kind == RULE_LINE_ROW && result == TABLE_FOUND) {
			rule_template_expand(
			    &rule->result, subject->groups, value);
			return TABLE_FOUND;
		}
		if (rule->kind == RULE_LINE_IF && result == TABLE_NOT_FOUND) {
			if (rule->end >= table->count)
				break;
			i = rule->end - 1;
		}
	}
	return TABLE_NOT_FOUND;
}

bool
rule_table_has_changed(const struct rule_table *table)
{
	return table->path != NULL &&
	    file_identity_is_replaced(&table->identity, table->path);
}
