/* SPDX-License-Identifier: MIT */
#include "lib/mail/command.h"

#include "lib/base/number.h"
#include "lib/base/text.h"

#define BLANKS " \t"

struct command
command_parse(struct span line)
{
	struct command command = {.rest = line};

	span_take_word(&command.rest, BLANKS, &command.word);
	command.rest = span_trim(command.rest);
	command.verb = verb_find(command.word);
	return command;
}

/* esmtp-keyword of RFC 5321 4.1.2. */
static bool
is_keyword(struct span name)
{
	for (size_t i = 0; i < name.len; i++)
		if (!text_is_alphanumeric(name.at[i]) &&
		    (name.at[i] != '-' || i == 0))
			return false;
	return name.len > 0;
}

bool
command_find_parameter(
    const struct command_path *path, struct span name, struct span *value)
{
	for (unsigned i = 0; i < path->parameter_count; i++) {
		if (span_equal_fold(path->parameters[i].name, name)) {
			*value = path->parameters[i].value;
			return true;
		}
	}
	return false;
}

/* Splits "name" or "name=value"; a '=' in the value is tolerated. */
static bool
parse_parameter(
    struct span word, bool utf8, struct command_parameter *parameter)
{
	bool has_value =
	    span_split(word, '=', &parameter->name, &parameter->value);

	return is_keyword(parameter->name) &&
	    (!has_value || parameter->value.len > 0) &&
	    text_is_visible(parameter->value) &&
	    (utf8 || text_is_ascii(parameter->value));
}

static bool
parse_parameters(
    struct span rest, bool utf8, struct command_path *path, struct error *error)
{
	struct span word;

	while (span_take_word(&rest, BLANKS, &word)) {
		struct command_parameter parameter;
		struct span other;

		if (!parse_parameter(word, utf8, &parameter))
			return error_set(
			    error, ERROR_INVALID, "malformed parameter");
		if (command_find_parameter(path, parameter.name, &other))
			return error_set(
			    error, ERROR_INVALID, "parameter given twice");
		if (path->parameter_count == COMMAND_PARAMETERS_MAXIMUM)
			return error_set(
			    error, ERROR_LIMIT, "too many parameters");
		path->parameters[path->parameter_count++] = parameter;
	}
	return true;
}

/* Takes "FROM:" or "TO:" from the front. */
static bool
take_keyword(struct span *rest, struct span keyword)
{
	if (!span_starts_fold(*rest, keyword) || rest->len <= keyword.len ||
	    rest->at[keyword.len] != ':')
		return false;
	*rest = span_skip(*rest, keyword.len + 1);
	return true;
}

enum command_result
command_parse_path(struct pool *pool, struct span rest, struct span keyword,
    unsigned path_flags, struct command_path *path, struct error *error)
{
	struct error why = {0};
	enum command_result result = COMMAND_OK;

	path->parameter_count = 0;
	if (!take_keyword(&rest, keyword)) {
		error_set(&why, ERROR_INVALID, "no %.*s:", SPAN_ARGS(keyword));
		result = COMMAND_BAD_SYNTAX;
	} else if (!path_parse(pool, &rest, path_flags, &path->address, &why)) {
		result = COMMAND_BAD_ADDRESS;
	} else if (!parse_parameters(
		       rest, (path_flags & PATH_UTF8) != 0, path, &why)) {
		result = COMMAND_BAD_PARAMETER;
	}
	if (error != NULL)
		*error = why;
	return result;
}

bool
command_parse_bdat(struct span rest, uint64_t *size, bool *last)
{
	struct span word;

	if (!span_take_word(&rest, BLANKS, &word) ||
	    !number_parse(word, INT64_MAX, size))
		return false;
	*last = span_take_word(&rest, BLANKS, &word);
	return !*last ||
	    (span_equal_fold(word, SPAN("LAST")) &&
		!span_take_word(&rest, BLANKS, &word));
}

bool
command_parse_hello(struct span rest, struct span *name)
{
	return span_take_word(&rest, BLANKS, name) && text_is_visible(*name);
}
