/* SPDX-License-Identifier: MIT */
#include "lib/param/doc/mdoc.h"

#include "lib/param/duration.h"

static const char *const type_names[] = {
    [PARAM_TEXT] = "text",
    [PARAM_RAW] = "text, expanded at use",
    [PARAM_BOOLEAN] = "yes or no",
    [PARAM_NUMBER] = "number",
    [PARAM_SIZE] = "bytes",
    [PARAM_DURATION] = "duration",
    [PARAM_FEEDBACK] =
	"number, number / concurrency or number / sqrt_concurrency",
    [PARAM_CHOICE] = "choice",
};

void
mdoc_append_text(struct buf *out, const char *text)
{
	/* A dot or quote begins a request only at the start of a line. */
	if (*text == '.' || *text == '\'')
		buf_append_text(out, "\\&");
	for (; *text != '\0'; text++) {
		if (*text == '\\')
			buf_append_text(out, "\\e");
		else if (*text == '-')
			buf_append_text(out, "\\-");
		else
			buf_append_byte(out, *text);
	}
}

static bool
is_counted(const struct param_spec *spec)
{
	return spec->type == PARAM_NUMBER || spec->type == PARAM_SIZE ||
	    spec->type == PARAM_DURATION;
}

static void
append_bound(struct buf *out, const struct param_spec *spec, int64_t bound)
{
	char text[DURATION_TEXT_SIZE];

	if (spec->type == PARAM_DURATION)
		buf_append_text(out, duration_format(bound, text));
	else
		buf_printf(out, "%lld", (long long)bound);
}

static void
append_range(struct buf *out, const struct param_spec *spec)
{
	if (spec->type == PARAM_CHOICE) {
		buf_append_text(out, "One of: ");
		mdoc_append_text(out, spec->words);
		buf_append_text(out, ".\n");
	}
	if (!is_counted(spec))
		return;
	buf_append_text(out, "At least ");
	append_bound(out, spec, spec->minimum);
	if (spec->maximum < INT64_MAX) {
		buf_append_text(out, ", at most ");
		append_bound(out, spec, spec->maximum);
	}
	buf_append_text(out, ".\n");
}

static void
append_default(struct buf *out, const struct param_spec *spec)
{
	if (spec->default_text[0] == '\0') {
		buf_append_text(out, "Empty by default.\n");
		return;
	}
	buf_append_text(out, "Default:\n");
	mdoc_append_text(out, spec->default_text);
	buf_append_text(out, "\n");
}

void
mdoc_append_param(struct buf *out, const struct param_spec *spec)
{
	buf_printf(
	    out, ".It Ic %s Pq %s\n", spec->name, type_names[spec->type]);
	mdoc_append_text(out, spec->doc);
	buf_append_byte(out, '\n');
	append_range(out, spec);
	append_default(out, spec);
}
