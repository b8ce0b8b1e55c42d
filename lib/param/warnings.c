/* SPDX-License-Identifier: MIT */
#include "lib/param/warnings.h"

#include "lib/base/memory.h"

enum {
	WARNING_SIZE = 512,
	STEP = 16
};

void
warnings_init(struct warnings *warnings)
{
	*warnings = (struct warnings){.count = 0};
}

void
warnings_finish(struct warnings *warnings)
{
	for (size_t i = 0; i < warnings->count; i++)
		free(warnings->text[i]);
	free(warnings->text);
	warnings_init(warnings);
}

static bool
is_there(const struct warnings *warnings, const char *text)
{
	for (size_t i = 0; i < warnings->count; i++)
		if (strcmp(warnings->text[i], text) == 0)
			return true;
	return false;
}

void
warnings_add(struct warnings *warnings, const char *format, ...)
{
	char text[WARNING_SIZE];
	va_list arguments;

	if (warnings == NULL)
		return;
	va_start(arguments, format);
	vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	if (is_there(warnings, text))
		return;
	if (warnings->count == WARNINGS_MAXIMUM) {
		warnings->dropped++;
		return;
	}
	if (warnings->count % STEP == 0)
		warnings->text = memory_resize(warnings->text,
		    (warnings->count + STEP) * sizeof *warnings->text);
	warnings->text[warnings->count++] = memory_copy(span_text(text));
}
