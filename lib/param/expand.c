/* SPDX-License-Identifier: MIT */
#include "lib/param/expand.h"

#include "lib/base/number.h"
#include "lib/base/text.h"
#include "lib/param/reference.h"

/* The names being expanded, innermost first. */
struct level {
	struct span name; /* empty for the text of a condition */
	const struct level *outer;
	unsigned depth;
};

struct expansion {
	const struct expand_names *names;
	unsigned lookups;
	struct error *error;
};

static bool expand(struct expansion *expansion, struct span text,
    const struct level *level, struct buf *out);

static bool
too_long(struct expansion *expansion)
{
	return error_set(expansion->error, ERROR_LIMIT, "expands to too much");
}

/* Expands `text` one level below `outer`; `name` is whose value it is. */
static bool
expand_below(struct expansion *expansion, struct span name, struct span text,
    const struct level *outer, struct buf *out)
{
	struct level level = {
	    name, outer, outer == NULL ? 1 : outer->depth + 1};

	if (level.depth > EXPAND_DEPTH_MAXIMUM)
		return error_set(expansion->error, ERROR_LIMIT,
		    "expressions nested too deeply");
	return expand(expansion, text, &level, out);
}

static bool
is_being_expanded(struct span name, const struct level *level)
{
	for (; level != NULL; level = level->outer)
		if (level->name.len > 0 && span_equal(name, level->name))
			return true;
	return false;
}

/* Appends the expanded value of `name`; nothing when it has none. */
static bool
expand_name(struct expansion *expansion, struct span name, bool is_tested,
    const struct level *level, struct buf *out)
{
	const struct expand_names *names = expansion->names;
	struct span value;

	if (is_being_expanded(name, level))
		return error_set(expansion->error, ERROR_INVALID,
		    "\"%.*s\" refers to itself", SPAN_ARGS(name));
	if (++expansion->lookups > EXPAND_LOOKUP_MAXIMUM)
		return too_long(expansion);
	if (names->find(names->argument, name, &value))
		return expand_below(expansion, name, value, level, out);
	if (!is_tested && names->undefined != NULL)
		names->undefined(names->argument, name);
	return true;
}

static bool
is_number(struct span text)
{
	for (size_t i = 0; i < text.len; i++)
		if (!text_is_digit(text.at[i]))
			return false;
	return text.len > 0;
}

/* Both are digits, as many as there may be. */
static int
compare_numbers(struct span a, struct span b)
{
	while (a.len > 1 && a.at[0] == '0')
		a = span_skip(a, 1);
	while (b.len > 1 && b.at[0] == '0')
		b = span_skip(b, 1);
	if (a.len != b.len)
		return a.len < b.len ? -1 : 1;
	return span_compare(a, b);
}

static int
compare_texts(struct span a, struct span b)
{
	return is_number(a) && is_number(b) ? compare_numbers(a, b)
					    : span_compare(a, b);
}

/* Takes the next number of a version; 0 behind its end. */
static bool
take_version_part(struct span *version, struct span *part)
{
	if (version->len == 0) {
		*part = SPAN("0");
		return true;
	}
	span_split(*version, '.', part, version);
	return is_number(*part);
}

/* "3.6" < "3.11" < "4"; missing parts are 0. */
static bool
compare_versions(struct span a, struct span b, int *order)
{
	*order = 0;
	while (*order == 0 && (a.len > 0 || b.len > 0)) {
		struct span part_a;
		struct span part_b;

		if (!take_version_part(&a, &part_a) ||
		    !take_version_part(&b, &part_b))
			return false;
		*order = compare_numbers(part_a, part_b);
	}
	return true;
}

static bool
compare(struct expansion *expansion, const struct comparison *comparison,
    struct span left, struct span right, bool *answer)
{
	int order;

	if (!comparison->is_level)
		order = compare_texts(left, right);
	else if (!compare_versions(span_trim(left), span_trim(right), &order))
		return error_set(expansion->error, ERROR_INVALID,
		    "expected versions such as 3.6 in {%.*s} %s {%.*s}",
		    SPAN_ARGS(left), comparison->text, SPAN_ARGS(right));
	*answer = order < 0 ? comparison->less
	    : order > 0     ? comparison->greater
			    : comparison->equal;
	return true;
}

static bool
expand_comparison(struct expansion *expansion,
    const struct reference *reference, const struct level *level, bool *answer,
    size_t maximum)
{
	struct buf left;
	struct buf right;
	bool done;

	buf_init(&left, maximum);
	buf_init(&right, maximum);
	done = expand_below(
		   expansion, SPAN_EMPTY, reference->left, level, &left) &&
	    expand_below(
		expansion, SPAN_EMPTY, reference->right, level, &right) &&
	    compare(expansion, reference->comparison, buf_span(&left),
		buf_span(&right), answer);
	buf_finish(&left);
	buf_finish(&right);
	return done;
}

/* domain_to_ascii is the only function there is. */
static bool
expand_function(struct expansion *expansion, const struct reference *reference,
    const struct level *level, struct buf *out)
{
	size_t before = out->len;

	if (!span_equal(reference->name, SPAN("domain_to_ascii")))
		return error_set(expansion->error, ERROR_INVALID,
		    "there is no function \"%.*s\"",
		    SPAN_ARGS(reference->name));
	if (!expand_below(expansion, SPAN_EMPTY, reference->left, level, out))
		return false;
	return text_is_ascii(span_skip(buf_span(out), before)) ||
	    error_set(expansion->error, ERROR_INVALID,
		"domain_to_ascii needs a domain in ASCII");
}

/* Appends what stands before '?' or ':', or all there is. */
static bool
expand_subject(struct expansion *expansion, const struct reference *reference,
    const struct level *level, struct buf *out)
{
	bool answer = false;

	switch (reference->kind) {
	case REFERENCE_VALUE:
		return expand_name(expansion, reference->name,
		    reference->is_conditional, level, out);
	case REFERENCE_FUNCTION:
		return expand_function(expansion, reference, level, out);
	case REFERENCE_COMPARISON:
		return expand_comparison(expansion, reference, level, &answer,
			   out->maximum) &&
		    (!answer || buf_append_text(out, "true") ||
			too_long(expansion));
	}
	must(false);
	return false;
}

static bool
expand_reference(struct expansion *expansion, const struct reference *reference,
    const struct level *level, struct buf *out)
{
	struct span result;
	struct buf condition;
	bool good;

	if (!reference->is_conditional)
		return expand_subject(expansion, reference, level, out);
	buf_init(&condition, out->maximum);
	good = expand_subject(expansion, reference, level, &condition);
	result =
	    condition.len > 0 ? reference->then_text : reference->else_text;
	buf_finish(&condition);
	return good && expand_below(expansion, SPAN_EMPTY, result, level, out);
}

/* The one function of the suite with a prototype of its own: values contain
 * texts, texts contain values. */
static bool
expand(struct expansion *expansion, struct span text, const struct level *level,
    struct buf *out)
{
	struct reference reference;
	struct span literal;

	for (;;) {
		switch (reference_next(
		    &text, &literal, &reference, expansion->error)) {
		case REFERENCE_TEXT:
			if (!buf_append_span(out, literal))
				return too_long(expansion);
			break;
		case REFERENCE_FOUND:
			if (!expand_reference(
				expansion, &reference, level, out))
				return false;
			break;
		case REFERENCE_END:
			return true;
		case REFERENCE_BAD:
			return false;
		}
	}
}

bool
expand_text(struct span text, const struct expand_names *names, struct buf *out,
    struct error *error)
{
	struct expansion expansion = {.names = names, .error = error};

	return expand(&expansion, text, NULL, out);
}

static void
find_references(struct span text, unsigned depth,
    void (*found)(void *argument, struct span name), void *argument)
{
	struct reference reference;
	struct span literal;
	enum reference_result result;

	if (depth > EXPAND_DEPTH_MAXIMUM)
		return;
	while ((result = reference_next(&text, &literal, &reference, NULL)) ==
		REFERENCE_TEXT ||
	    result == REFERENCE_FOUND) {
		if (result == REFERENCE_TEXT)
			continue;
		if (reference.kind == REFERENCE_VALUE)
			found(argument, reference.name);
		find_references(reference.left, depth + 1, found, argument);
		find_references(reference.right, depth + 1, found, argument);
		find_references(
		    reference.then_text, depth + 1, found, argument);
		find_references(
		    reference.else_text, depth + 1, found, argument);
	}
}

void
expand_references(struct span text,
    void (*found)(void *argument, struct span name), void *argument)
{
	find_references(text, 0, found, argument);
}
