/* SPDX-License-Identifier: MIT */
#include "lib/param/reference.h"

#include "lib/base/text.h"

/* One that starts another comes behind it. */
static const struct comparison comparisons[] = {
    {"<=level", true, true, true, false},
    {">=level", true, false, true, true},
    {"==level", true, false, true, false},
    {"!=level", true, true, false, true},
    {"<level", true, true, false, false},
    {">level", true, false, false, true},
    {"<=", false, true, true, false},
    {">=", false, false, true, true},
    {"==", false, false, true, false},
    {"!=", false, true, false, true},
    {"<", false, true, false, false},
    {">", false, false, false, true},
};

static void
skip_space(struct span *rest)
{
	while (rest->len > 0 && text_is_space(rest->at[0]))
		*rest = span_skip(*rest, 1);
}

static bool
expected(struct error *error, const char *what, struct span found)
{
	if (found.len == 0)
		return error_set(error, ERROR_INVALID,
		    "expected %s at the end of an expression", what);
	found = span_head(found, 30);
	return error_set(error, ERROR_INVALID, "expected %s before \"%.*s\"",
	    what, SPAN_ARGS(found));
}

/* Takes what stands between the bracket at the start of *rest and its partner
 * `close`. */
static bool
take_enclosed(
    struct span *rest, char close, struct span *inside, struct error *error)
{
	char open = rest->at[0];
	size_t depth = 0;

	for (size_t i = 0; i < rest->len; i++) {
		if (rest->at[i] == open)
			depth++;
		if (rest->at[i] == close && --depth == 0) {
			*inside = span_of(rest->at + 1, i - 1);
			*rest = span_skip(*rest, i + 1);
			return true;
		}
	}
	return error_set(error, ERROR_INVALID,
	    "\"%c\" without \"%c\" in \"%.*s\"", open, close,
	    SPAN_ARGS(span_head(*rest, 40)));
}

/* Takes a {group} and the white space around it. */
static bool
take_group(struct span *rest, struct span *inside, struct error *error)
{
	skip_space(rest);
	if (rest->len == 0 || rest->at[0] != '{')
		return expected(error, "\"{\"", *rest);
	if (!take_enclosed(rest, '}', inside, error))
		return false;
	skip_space(rest);
	return true;
}

static bool
take_comparison(
    struct span *rest, struct reference *reference, struct error *error)
{
	for (size_t i = 0; i < COUNT_OF(comparisons); i++) {
		struct span text = span_text(comparisons[i].text);

		if (span_starts(*rest, text)) {
			reference->comparison = &comparisons[i];
			*rest = span_skip(*rest, text.len);
			return true;
		}
	}
	return expected(error, "a comparison such as ==", *rest);
}

static bool
is_name_byte(char byte)
{
	return text_is_alphanumeric(byte) || byte == '_';
}

/* A name in braces may also be one of a service ("smtp-amavis_..."). */
static bool
is_braced_name_byte(char byte)
{
	return is_name_byte(byte) || byte == '-' || byte == '.';
}

static struct span
take_name(struct span *rest, bool (*belongs)(char byte))
{
	size_t len = 0;
	struct span name;

	while (len < rest->len && belongs(rest->at[len]))
		len++;
	name = span_head(*rest, len);
	*rest = span_skip(*rest, len);
	return name;
}

/* The result behind '?' or ':': a {group} or, in the old form, all the rest. */
static bool
take_result(struct span *rest, struct span *text, struct error *error)
{
	struct span visible = *rest;

	skip_space(&visible);
	if (visible.len > 0 && visible.at[0] == '{')
		return take_group(rest, text, error);
	*text = *rest;
	*rest = SPAN_EMPTY;
	return true;
}

/* "?then", ":else" or "?{then}:else", up to the end of the reference. */
static bool
parse_results(
    struct span rest, struct reference *reference, struct error *error)
{
	if (rest.len == 0)
		return true;
	reference->is_conditional = true;
	if (rest.at[0] == '?') {
		rest = span_skip(rest, 1);
		if (!take_result(&rest, &reference->then_text, error))
			return false;
		if (rest.len == 0)
			return true;
	}
	if (rest.at[0] != ':')
		return expected(error, "\"?\" or \":\"", rest);
	rest = span_skip(rest, 1);
	if (!take_result(&rest, &reference->else_text, error))
		return false;
	return rest.len == 0 || expected(error, "\"}\"", rest);
}

/* What stands inside ${ }. */
static bool
parse_inside(struct span rest, struct reference *reference, struct error *error)
{
	struct span visible = rest;

	skip_space(&visible);
	reference->kind = REFERENCE_COMPARISON;
	if (visible.len > 0 && visible.at[0] == '{')
		return take_group(&rest, &reference->left, error) &&
		    take_comparison(&rest, reference, error) &&
		    take_group(&rest, &reference->right, error) &&
		    parse_results(rest, reference, error);
	rest = visible;
	reference->name = take_name(&rest, is_braced_name_byte);
	skip_space(&rest);
	if (reference->name.len == 0)
		return expected(error, "a name", rest);
	reference->kind = REFERENCE_VALUE;
	if (rest.len > 0 && rest.at[0] == '{') {
		reference->kind = REFERENCE_FUNCTION;
		if (!take_group(&rest, &reference->left, error))
			return false;
	}
	return parse_results(rest, reference, error);
}

/* *rest begins behind the '$'. */
static bool
take_reference(
    struct span *rest, struct reference *reference, struct error *error)
{
	struct span inside;
	char first = rest->len > 0 ? rest->at[0] : '\0';

	*reference = (struct reference){
	    .kind = REFERENCE_VALUE,
	    .name = SPAN_EMPTY,
	    .left = SPAN_EMPTY,
	    .right = SPAN_EMPTY,
	    .then_text = SPAN_EMPTY,
	    .else_text = SPAN_EMPTY,
	};
	if (first == '{' || first == '(')
		return take_enclosed(
			   rest, first == '{' ? '}' : ')', &inside, error) &&
		    parse_inside(inside, reference, error);
	reference->name = take_name(rest, is_name_byte);
	return reference->name.len > 0 ||
	    error_set(error, ERROR_INVALID,
		"expected a name behind \"$\" (a dollar sign is written $$)");
}

enum reference_result
reference_next(struct span *rest, struct span *literal,
    struct reference *reference, struct error *error)
{
	if (rest->len == 0)
		return REFERENCE_END;
	if (rest->at[0] != '$') {
		size_t len = span_find(*rest, '$');

		*literal = span_head(*rest, len);
		*rest = span_skip(*rest, len);
		return REFERENCE_TEXT;
	}
	*rest = span_skip(*rest, 1);
	if (rest->len > 0 && rest->at[0] == '$') {
		*literal = span_head(*rest, 1);
		*rest = span_skip(*rest, 1);
		return REFERENCE_TEXT;
	}
	return take_reference(rest, reference, error) ? REFERENCE_FOUND
						      : REFERENCE_BAD;
}
