/* SPDX-License-Identifier: MIT */
/* regexp:/file, pcre:/file and cidr:/file: the first row that matches. */
#include "lib/base/memory.h"
#include "lib/base/text.h"
#include "lib/net/network.h"
#include "lib/table/posix_pattern.h"
#include "lib/table/regex.h"
#include "lib/table/rule_table.h"
#include "lib/table/table_kind.h"

/* A letter behind a pattern, and what it turns on, or off when that is on. */
struct flag {
	char letter;
	unsigned option;
};

static bool
read_flags(struct span letters, const struct flag *flags, size_t count,
    unsigned *options, struct error *error)
{
	for (size_t i = 0; i < letters.len; i++) {
		size_t flag = 0;

		while (flag < count && flags[flag].letter != letters.at[i])
			flag++;
		if (flag == count)
			return error_set(error, ERROR_INVALID,
			    "unknown flag \"%c\" behind the pattern",
			    letters.at[i]);
		*options ^= flags[flag].option;
	}
	return true;
}

static void
destroy_regex(void *pattern)
{
	regex_destroy(pattern);
}

static enum table_result
match_regex(void *pattern, struct pattern_subject *subject, struct error *error)
{
	switch (regex_match(pattern, subject->key, subject->groups,
	    PATTERN_GROUPS_MAXIMUM, error)) {
	case REGEX_MATCH:
		return TABLE_FOUND;
	case REGEX_NO_MATCH:
		return TABLE_NOT_FOUND;
	case REGEX_FAILED:
		break;
	}
	return TABLE_TRY_AGAIN;
}

static void *
compile_regex(struct span pattern, unsigned options, unsigned *groups,
    struct error *error)
{
	struct regex *regex = regex_compile(pattern, options, error);

	if (regex != NULL)
		*groups = regex_group_count(regex);
	return regex;
}

/* X is an option of the library's first version that has no meaning now. */
static const struct flag pcre_flags[] = {
    {'i', REGEX_CASELESS},
    {'m', REGEX_MULTILINE},
    {'s', REGEX_DOT_ALL},
    {'x', REGEX_EXTENDED},
    {'A', REGEX_ANCHORED},
    {'E', REGEX_DOLLAR_ENDONLY},
    {'U', REGEX_UNGREEDY},
    {'X', 0},
};

static void *
compile_pcre(
    const struct rule_line *line, unsigned *groups, struct error *error)
{
	unsigned options = REGEX_CASELESS | REGEX_DOT_ALL;

	if (!read_flags(
		line->flags, pcre_flags, COUNT_OF(pcre_flags), &options, error))
		return NULL;
	return compile_regex(line->pattern, options, groups, error);
}

const struct pattern_type pattern_pcre = {
    .syntax = RULE_SYNTAX_DELIMITED,
    .compile = compile_pcre,
    .destroy = destroy_regex,
    .match = match_regex,
};

enum {
	POSIX_EXTENDED = 1,
	POSIX_CASELESS = 2,
	POSIX_NEWLINE = 4
};

static const struct flag posix_flags[] = {
    {'i', POSIX_CASELESS},
    {'m', POSIX_NEWLINE},
    {'x', POSIX_EXTENDED},
};

static void *
compile_posix(
    const struct rule_line *line, unsigned *groups, struct error *error)
{
	unsigned flags = POSIX_CASELESS | POSIX_EXTENDED;
	unsigned options = REGEX_DOLLAR_ENDONLY;
	void *regex = NULL;
	struct posix_pattern posix = {.text = line->pattern};
	struct buf translated;

	if (!read_flags(
		line->flags, posix_flags, COUNT_OF(posix_flags), &flags, error))
		return NULL;
	posix.is_extended = (flags & POSIX_EXTENDED) != 0;
	posix.has_lines = (flags & POSIX_NEWLINE) != 0;
	options |= (flags & POSIX_CASELESS) != 0 ? REGEX_CASELESS : 0;
	options |=
	    posix.has_lines ? REGEX_MULTILINE | REGEX_LAST_LINE : REGEX_DOT_ALL;
	buf_init(&translated, POSIX_PATTERN_MAXIMUM);
	if (posix_pattern_translate(&posix, &translated, error))
		regex = compile_regex(
		    buf_span(&translated), options, groups, error);
	buf_finish(&translated);
	return regex;
}

const struct pattern_type pattern_regexp = {
    .syntax = RULE_SYNTAX_DELIMITED,
    .compile = compile_posix,
    .destroy = destroy_regex,
    .match = match_regex,
};

static void *
compile_network(
    const struct rule_line *line, unsigned *groups UNUSED, struct error *error)
{
	struct network network;
	struct network *copy;

	if (!network_parse(line->pattern, &network, error))
		return NULL;
	copy = memory_alloc(sizeof *copy);
	*copy = network;
	return copy;
}

static bool
begin_address(struct pattern_subject *subject)
{
	return address_parse_ip(subject->key, 0, &subject->address);
}

/* A network says nothing about addresses of the other kind. */
static bool
concerns_network(const void *pattern, const struct pattern_subject *subject)
{
	const struct network *network = pattern;

	return network->family == subject->address.any.sa_family;
}

static enum table_result
match_network(
    void *pattern, struct pattern_subject *subject, struct error *error UNUSED)
{
	return network_has(pattern, &subject->address) ? TABLE_FOUND
						       : TABLE_NOT_FOUND;
}

const struct pattern_type pattern_cidr = {
    .syntax = RULE_SYNTAX_WORD,
    .compile = compile_network,
    .destroy = free,
    .begin = begin_address,
    .concerns = concerns_network,
    .match = match_network,
};

static void *
open_pcre(const char *argument, const struct table_options *options,
    struct error *error)
{
	return rule_table_open(&pattern_pcre, argument, options, error);
}

static void *
open_regexp(const char *argument, const struct table_options *options,
    struct error *error)
{
	return rule_table_open(&pattern_regexp, argument, options, error);
}

static void *
open_cidr(const char *argument, const struct table_options *options,
    struct error *error)
{
	return rule_table_open(&pattern_cidr, argument, options, error);
}

static enum table_result
get_rule(void *state, struct span key, struct buf *value, struct error *error)
{
	return rule_table_get(state, key, value, error);
}

static bool
have_rules_changed(const void *state)
{
	return rule_table_has_changed(state);
}

static void
close_rules(void *state)
{
	rule_table_close(state);
}

const struct table_kind table_rules_pcre = {
    .name = "pcre",
    .traits = TABLE_RAW_KEY | TABLE_WHOLE_KEY,
    .open = open_pcre,
    .get = get_rule,
    .has_changed = have_rules_changed,
    .close = close_rules,
};

const struct table_kind table_rules_regexp = {
    .name = "regexp",
    .traits = TABLE_RAW_KEY | TABLE_WHOLE_KEY,
    .open = open_regexp,
    .get = get_rule,
    .has_changed = have_rules_changed,
    .close = close_rules,
};

const struct table_kind table_rules_cidr = {
    .name = "cidr",
    .traits = TABLE_RAW_KEY | TABLE_WHOLE_KEY,
    .open = open_cidr,
    .get = get_rule,
    .has_changed = have_rules_changed,
    .close = close_rules,
};
