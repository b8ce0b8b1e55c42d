/* SPDX-License-Identifier: MIT */
#include "lib/param/param_value.h"

#include "lib/base/number.h"
#include "lib/param/duration.h"

static bool
is_in_range(const struct param_spec *spec, int64_t number)
{
	return number >= spec->minimum && number <= spec->maximum;
}

static bool
parse_text(const struct param_spec *spec, struct span text,
    struct param_value *value, struct error *error)
{
	value->text = text;
	if (is_in_range(spec, (int64_t)text.len))
		return true;
	if (text.len == 0)
		return error_set(
		    error, ERROR_INVALID, "expected a value that is not empty");
	return error_set(error, ERROR_INVALID,
	    "expected %lld to %lld bytes, found %zu", (long long)spec->minimum,
	    (long long)spec->maximum, text.len);
}

static bool
parse_boolean(const struct param_spec *spec UNUSED, struct span text,
    struct param_value *value, struct error *error)
{
	value->number = span_equal_fold(text, SPAN("yes"));
	return value->number != 0 || span_equal_fold(text, SPAN("no")) ||
	    error_set(error, ERROR_INVALID, "expected yes or no");
}

static bool
parse_number(const struct param_spec *spec, struct span text,
    struct param_value *value, struct error *error)
{
	uint64_t number;

	if (number_parse(text, INT64_MAX, &number)) {
		value->number = (int64_t)number;
		if (is_in_range(spec, value->number))
			return true;
	}
	if (spec->maximum == INT64_MAX)
		return error_set(error, ERROR_INVALID,
		    "expected a number of at least %lld",
		    (long long)spec->minimum);
	return error_set(error, ERROR_INVALID,
	    "expected a number between %lld and %lld", (long long)spec->minimum,
	    (long long)spec->maximum);
}

static bool
parse_duration(const struct param_spec *spec, struct span text,
    struct param_value *value, struct error *error)
{
	char unit = duration_default_unit(span_text(spec->default_text));
	char least[DURATION_TEXT_SIZE];
	char most[DURATION_TEXT_SIZE];

	if (duration_parse(text, unit, &value->number) &&
	    is_in_range(spec, value->number))
		return true;
	if (spec->maximum == INT64_MAX)
		return error_set(error, ERROR_INVALID,
		    "expected a duration of at least %s, such as 30s or 5m",
		    duration_format(spec->minimum, least));
	return error_set(error, ERROR_INVALID,
	    "expected a duration between %s and %s, such as 30s or 5m",
	    duration_format(spec->minimum, least),
	    duration_format(spec->maximum, most));
}

static bool
parse_feedback(const struct param_spec *spec UNUSED, struct span text,
    struct param_value *value, struct error *error)
{
	return feedback_parse(text, &value->feedback) ||
	    error_set(error, ERROR_INVALID,
		"expected a number between 0 and 1, or such a number / "
		"concurrency, or / sqrt_concurrency");
}

static bool
parse_choice(const struct param_spec *spec, struct span text,
    struct param_value *value, struct error *error)
{
	struct span rest = span_text(spec->words);
	struct span word;

	for (value->number = 0; span_take_word(&rest, " ", &word);
	     value->number++)
		if (span_equal_fold(word, text))
			return true;
	return error_set(
	    error, ERROR_INVALID, "expected one of: %s", spec->words);
}

typedef bool (*value_parser)(const struct param_spec *spec, struct span text,
    struct param_value *value, struct error *error);

static const value_parser parsers[] = {
    [PARAM_TEXT] = parse_text,
    [PARAM_RAW] = parse_text,
    [PARAM_BOOLEAN] = parse_boolean,
    [PARAM_NUMBER] = parse_number,
    [PARAM_SIZE] = parse_number,
    [PARAM_DURATION] = parse_duration,
    [PARAM_FEEDBACK] = parse_feedback,
    [PARAM_CHOICE] = parse_choice,
};

bool
param_value_parse(const struct param_spec *spec, struct span text,
    struct param_value *value, struct error *error)
{
	*value = (struct param_value){.text = SPAN_EMPTY};
	return parsers[spec->type](spec, span_trim(text), value, error);
}

bool
param_value_store(const struct param_spec *spec,
    const struct param_value *value, void *params, struct pool *pool)
{
	void *field = (char *)params + spec->offset;

	switch (spec->type) {
	case PARAM_TEXT:
	case PARAM_RAW:
		*(const char **)field = pool_copy(pool, value->text);
		return *(const char **)field != NULL;
	case PARAM_BOOLEAN:
		*(bool *)field = value->number != 0;
		return true;
	case PARAM_NUMBER:
	case PARAM_SIZE:
	case PARAM_DURATION:
		*(int64_t *)field = value->number;
		return true;
	case PARAM_FEEDBACK:
		*(struct feedback *)field = value->feedback;
		return true;
	case PARAM_CHOICE:
		*(unsigned *)field = (unsigned)value->number;
		return true;
	}
	must(false);
	return false;
}
