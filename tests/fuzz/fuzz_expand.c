/* SPDX-License-Identifier: MIT */
/* $-expansion. The lines are "name=value"; the last one is the text, which
 * refers to them and to itself. It ends, within its bounds, and what was
 * substituted is not looked at again: names whose values have no dollar sign
 * give their values. */
#include "lib/param/expand.h"

enum {
	RESULT_MAXIMUM = 4096,
	NAMES_MAXIMUM = 16
};

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

struct names {
	struct span name[NAMES_MAXIMUM];
	struct span value[NAMES_MAXIMUM];
	size_t count;
	unsigned asked;
	unsigned seen; /* by expand_references */
};

static bool
find(void *argument, struct span name, struct span *value)
{
	struct names *names = argument;

	names->asked++;
	must(names->asked <= EXPAND_LOOKUP_MAXIMUM);
	for (size_t i = 0; i < names->count; i++)
		if (span_equal(name, names->name[i])) {
			*value = names->value[i];
			return true;
		}
	return false;
}

static void
see(void *argument, struct span name)
{
	struct names *names = argument;

	must(name.len > 0);
	names->seen++;
}

/* The lines in front of the last one are names. */
static struct span
read_names(struct names *names, struct span input)
{
	struct span line;

	while (names->count < NAMES_MAXIMUM &&
	    span_split(input, '\n', &line, &input))
		if (span_split(line, '=', &names->name[names->count],
			&names->value[names->count]))
			names->count++;
	return input;
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
	struct names names = {.count = 0};
	struct expand_names resolver = {.find = find, .argument = &names};
	struct span text = read_names(&names, span_of(bytes, count));
	struct error error = {.kind = ERROR_NONE};
	struct buf out;
	bool has_dollar = span_find(text, '$') < text.len;

	buf_init(&out, RESULT_MAXIMUM);
	if (!expand_text(text, &resolver, &out, &error))
		must(error.kind != ERROR_NONE && error.text[0] != '\0');
	else if (!has_dollar)
		must(span_equal(buf_span(&out), text));
	must(has_dollar || names.asked == 0);
	expand_references(text, see, &names);
	must(has_dollar || names.seen == 0);
	buf_finish(&out);
	return 0;
}
