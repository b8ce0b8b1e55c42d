/* SPDX-License-Identifier: MIT */
/* bounce_template_file: what is read from it can be expanded, or fails with a
 * line number. */
#include "lib/base/text.h"

#include "qmgr/bounce/template.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

/* Half of all names have a value, which is text. */
static bool
find(void *argument UNUSED, struct span name, struct span *value)
{
	*value = SPAN("value");
	return name.len % 2 == 0;
}

static void
check(const struct template *template)
{
	static const struct expand_names names = {.find = find};
	struct error error;
	struct buf text;

	must(text_is_ascii(template->from) && template->from.len > 0);
	must(text_is_ascii(template->subject) && template->subject.len > 0);
	must(text_is_ascii(template->charset) && template->charset.len > 0);
	buf_init(&text, TEMPLATE_TEXT_MAXIMUM);
	if (!template_expand(template, &names, &text, &error))
		must(span_starts(span_text(error.text), SPAN("line ")));
	else if (text.len > 0)
		must(span_ends(buf_span(&text), SPAN("\r\n")));
	buf_finish(&text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
	struct template_set set = template_builtin;
	struct error error;

	if (!template_parse(&set, span_of(bytes, count), &error)) {
		must(span_starts(span_text(error.text), SPAN("line ")));
		return 0;
	}
	for (size_t i = 0; i < TEMPLATE_COUNT; i++)
		check(&set.of[i]);
	return 0;
}
