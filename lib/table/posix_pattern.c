/* SPDX-License-Identifier: MIT */
#include "lib/table/posix_pattern.h"

#include "lib/base/number.h"
#include "lib/base/text.h"

enum {
	NESTING_MAXIMUM = 200,
	REPEAT_MAXIMUM = 32767
};

#define NO_ATOM SIZE_MAX

enum token {
	TOKEN_END,
	TOKEN_LITERAL,
	TOKEN_ESCAPED, /* a letter or digit with a meaning */
	TOKEN_ANY,
	TOKEN_BRACKET,
	TOKEN_OPEN,
	TOKEN_CLOSE,
	TOKEN_OR,
	TOKEN_REPEAT, /* * + ? */
	TOKEN_INTERVAL,
	TOKEN_START,
	TOKEN_FINISH
};

/* One run of posix_pattern_translate. */
struct translation {
	const struct posix_pattern *pattern;
	struct span rest; /* behind the token */
	struct buf *out;
	struct error *error;
	char byte;       /* of the token */
	bool ends_badly; /* with a backslash */
	bool is_first;   /* the token is first in the pattern or its group */
	size_t atom;   /* where in `out` the atom begins that may be repeated */
	bool repeated; /* it is already */
	unsigned depth;                 /* of groups */
	size_t groups[NESTING_MAXIMUM]; /* where the open ones begin */
};

/* Letters behind a backslash, and what stands for them. */
static const struct {
	char letter;
	bool is_anchor;
	const char *translated;
} escapes[] = {
    {'w', false, "\\w"},
    {'W', false, "\\W"},
    {'s', false, "\\s"},
    {'S', false, "\\S"},
    {'b', true, "\\b"},
    {'B', true, "\\B"},
    {'<', true, "\\b(?=\\w)"},
    {'>', true, "\\b(?<=\\w)"},
    {'`', true, "\\A"},
    {'\'', true, "\\z"},
};

/* Operators of extended patterns; in basic ones they have a backslash. */
static const struct {
	char byte;
	enum token token;
} operators[] = {
    {'(', TOKEN_OPEN},
    {')', TOKEN_CLOSE},
    {'|', TOKEN_OR},
    {'+', TOKEN_REPEAT},
    {'?', TOKEN_REPEAT},
    {'{', TOKEN_INTERVAL},
};

static enum token
find_operator(char byte)
{
	for (size_t i = 0; i < COUNT_OF(operators); i++)
		if (byte == operators[i].byte)
			return operators[i].token;
	return TOKEN_LITERAL;
}

static enum token
plain_token(const struct translation *translation, char byte)
{
	if (byte == '.')
		return TOKEN_ANY;
	if (byte == '[')
		return TOKEN_BRACKET;
	if (byte == '*')
		return TOKEN_REPEAT;
	if (byte == '^')
		return TOKEN_START;
	if (byte == '$')
		return TOKEN_FINISH;
	if (translation->pattern->is_extended)
		return find_operator(byte);
	return TOKEN_LITERAL;
}

static enum token
escaped_token(const struct translation *translation, char byte)
{
	for (size_t i = 0; i < COUNT_OF(escapes); i++)
		if (byte == escapes[i].letter)
			return TOKEN_ESCAPED;
	if (byte >= '1' && byte <= '9')
		return TOKEN_ESCAPED;
	if (!translation->pattern->is_extended)
		return find_operator(byte);
	return TOKEN_LITERAL;
}

/* TOKEN_END also when the end is a backslash, which sets ends_badly. */
static enum token
next_token(struct translation *translation)
{
	struct span *rest = &translation->rest;
	bool escaped;

	if (rest->len == 0)
		return TOKEN_END;
	escaped = rest->at[0] == '\\';
	*rest = span_skip(*rest, escaped ? 1 : 0);
	translation->ends_badly = rest->len == 0;
	if (translation->ends_badly)
		return TOKEN_END;
	translation->byte = rest->at[0];
	*rest = span_skip(*rest, 1);
	return escaped ? escaped_token(translation, translation->byte)
		       : plain_token(translation, translation->byte);
}

static bool
refuse(const struct translation *translation, const char *words)
{
	return error_set(translation->error, ERROR_INVALID, "%s", words);
}

static void
begin_atom(struct translation *translation)
{
	translation->atom = translation->out->len;
	translation->repeated = false;
}

static bool
put_byte(struct translation *translation, char byte)
{
	bool plain = text_is_alphanumeric(byte) || (byte & 0x80) != 0 ||
	    byte == '\0' || byte == '\n';

	if (!plain)
		(void)buf_append_byte(translation->out, '\\');
	return buf_append_byte(translation->out, byte);
}

static bool
take_literal(struct translation *translation)
{
	begin_atom(translation);
	(void)put_byte(translation, translation->byte);
	return true;
}

static bool
take_escaped(struct translation *translation)
{
	char byte = translation->byte;

	begin_atom(translation);
	if (text_is_digit(byte)) {
		(void)buf_printf(translation->out, "\\g{%c}", byte);
		return true;
	}
	for (size_t i = 0; i < COUNT_OF(escapes); i++) {
		if (byte != escapes[i].letter)
			continue;
		(void)buf_append_text(translation->out, escapes[i].translated);
		if (escapes[i].is_anchor)
			translation->atom = NO_ATOM;
	}
	return true;
}

static bool
take_any(struct translation *translation)
{
	begin_atom(translation);
	(void)buf_append_byte(translation->out, '.');
	return true;
}

/* [:class:], [=x=] or [.x.], whose inner mark is `mark`. */
static bool
take_bracket_name(struct translation *translation, char mark)
{
	const char end[2] = {mark, ']'};
	struct span inside = span_skip(translation->rest, 1);
	size_t len = span_find_span(inside, span_of(end, 2));
	struct span name = span_head(inside, len);

	if (len == inside.len)
		return refuse(translation, "expected :], =] or .] in brackets");
	translation->rest = span_skip(inside, len + 2);
	if (mark == ':') {
		(void)buf_printf(translation->out, "[:%.*s:]", SPAN_ARGS(name));
		return true;
	}
	if (name.len != 1)
		return refuse(
		    translation, "expected one character in [= =] or [. .]");
	(void)put_byte(translation, name.at[0]);
	return true;
}

/* What is between [ and ], one element at a time. */
static bool
take_bracket_element(struct translation *translation)
{
	char byte = translation->rest.at[0];

	translation->rest = span_skip(translation->rest, 1);
	if (byte == '[' && translation->rest.len > 0 &&
	    memchr(":=.", translation->rest.at[0], 3) != NULL)
		return take_bracket_name(translation, translation->rest.at[0]);
	if (byte == '-')
		(void)buf_append_byte(translation->out, byte);
	else
		(void)put_byte(translation, byte);
	return true;
}

static bool
take_bracket(struct translation *translation)
{
	struct span *rest = &translation->rest;
	bool negated = rest->len > 0 && rest->at[0] == '^';
	bool first = true;

	begin_atom(translation);
	*rest = span_skip(*rest, negated ? 1 : 0);
	(void)buf_append_text(translation->out, negated ? "[^" : "[");
	while (rest->len > 0 && (first || rest->at[0] != ']')) {
		first = false;
		if (!take_bracket_element(translation))
			return false;
	}
	if (rest->len == 0)
		return refuse(translation, "expected a ] behind the [");
	*rest = span_skip(*rest, 1);
	if (negated && translation->pattern->has_lines)
		(void)buf_append_text(translation->out, "\\n");
	(void)buf_append_byte(translation->out, ']');
	return true;
}

static bool
take_open(struct translation *translation)
{
	if (translation->depth == NESTING_MAXIMUM)
		return refuse(translation, "groups are nested too deeply");
	translation->groups[translation->depth++] = translation->out->len;
	(void)buf_append_byte(translation->out, '(');
	translation->atom = NO_ATOM;
	translation->is_first = true;
	return true;
}

static bool
take_close(struct translation *translation)
{
	if (translation->depth == 0)
		return refuse(translation, "a ) without a ( before it");
	(void)buf_append_byte(translation->out, ')');
	translation->atom = translation->groups[--translation->depth];
	translation->repeated = false;
	return true;
}

static bool
take_or(struct translation *translation)
{
	(void)buf_append_byte(translation->out, '|');
	translation->atom = NO_ATOM;
	translation->is_first = true;
	return true;
}

/* A repeated atom that is repeated again is a group of its own: a*? and a*+
 * mean something else to PCRE2. */
static void
wrap_atom(struct translation *translation)
{
	struct buf *out = translation->out;
	char *at;

	if (!translation->repeated)
		return;
	at = buf_reserve(out, 4);
	if (at == NULL) {
		out->overflowed = true;
		return;
	}
	memmove(out->at + translation->atom + 3, out->at + translation->atom,
	    out->len - translation->atom);
	memcpy(out->at + translation->atom, "(?:", 3);
	buf_grew(out, 3);
	(void)buf_append_byte(out, ')');
}

/* In a basic pattern, with nothing before it that it could repeat, it stands
 * for itself. */
static bool
take_repeat(struct translation *translation)
{
	if (translation->atom != NO_ATOM) {
		wrap_atom(translation);
		translation->repeated = true;
		(void)buf_append_byte(translation->out, translation->byte);
		return true;
	}
	if (translation->pattern->is_extended)
		return refuse(translation, "nothing to repeat");
	return take_literal(translation);
}

/* "3", "3,", ",5" or "3,5" up to the closing brace. */
static bool
take_interval(struct translation *translation)
{
	struct span close =
	    translation->pattern->is_extended ? SPAN("}") : SPAN("\\}");
	size_t len = span_find_span(translation->rest, close);
	struct span inside = span_head(translation->rest, len);
	struct span low;
	struct span high;
	bool range = span_split(inside, ',', &low, &high);
	uint64_t from = 0;
	uint64_t to = REPEAT_MAXIMUM;

	if (translation->atom == NO_ATOM)
		return refuse(translation, "nothing to repeat");
	if (len == translation->rest.len || (low.len == 0 && high.len == 0) ||
	    (low.len > 0 && !number_parse(low, REPEAT_MAXIMUM, &from)) ||
	    (high.len > 0 && !number_parse(high, REPEAT_MAXIMUM, &to)))
		return refuse(translation, "expected {number,number}");
	translation->rest = span_skip(translation->rest, len + close.len);
	wrap_atom(translation);
	translation->repeated = true;
	(void)buf_printf(translation->out, "{%u", (unsigned)from);
	if (range)
		(void)buf_append_byte(translation->out, ',');
	if (high.len > 0)
		(void)buf_printf(translation->out, "%u", (unsigned)to);
	(void)buf_append_byte(translation->out, '}');
	return true;
}

static bool
take_start(struct translation *translation)
{
	if (!translation->pattern->is_extended && !translation->is_first)
		return take_literal(translation);
	(void)buf_append_byte(translation->out, '^');
	translation->atom = NO_ATOM;
	return true;
}

static bool
take_finish(struct translation *translation)
{
	if (!translation->pattern->is_extended && translation->rest.len > 0 &&
	    !span_starts(translation->rest, SPAN("\\)")) &&
	    !span_starts(translation->rest, SPAN("\\|")))
		return take_literal(translation);
	(void)buf_append_byte(translation->out, '$');
	translation->atom = NO_ATOM;
	return true;
}

static bool (*const takers[])(struct translation *) = {
    [TOKEN_LITERAL] = take_literal,
    [TOKEN_ESCAPED] = take_escaped,
    [TOKEN_ANY] = take_any,
    [TOKEN_BRACKET] = take_bracket,
    [TOKEN_OPEN] = take_open,
    [TOKEN_CLOSE] = take_close,
    [TOKEN_OR] = take_or,
    [TOKEN_REPEAT] = take_repeat,
    [TOKEN_INTERVAL] = take_interval,
    [TOKEN_START] = take_start,
    [TOKEN_FINISH] = take_finish,
};

bool
posix_pattern_translate(
    const struct posix_pattern *pattern, struct buf *out, struct error *error)
{
	struct translation translation = {
	    .pattern = pattern,
	    .rest = pattern->text,
	    .out = out,
	    .error = error,
	    .is_first = true,
	    .atom = NO_ATOM,
	};
	enum token token;

	while ((token = next_token(&translation)) != TOKEN_END) {
		if (!takers[token](&translation))
			return false;
		if (token != TOKEN_OPEN && token != TOKEN_OR)
			translation.is_first = false;
	}
	if (translation.ends_badly)
		return refuse(&translation, "a backslash at the end");
	if (translation.depth > 0)
		return refuse(&translation, "a ( without a ) behind it");
	if (out->overflowed)
		return error_set(error, ERROR_LIMIT, "too long");
	return true;
}
