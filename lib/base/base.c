/* SPDX-License-Identifier: MIT */
#include "lib/base/base.h"

#include <unistd.h>

static void
report_on_stderr(const char *text)
{
	(void)!write(STDERR_FILENO, text, strlen(text));
	(void)!write(STDERR_FILENO, "\n", 1);
}

static void (*report_fatal)(const char *text) = report_on_stderr;

void
fatal_set_report(void (*report)(const char *text))
{
	report_fatal = report != NULL ? report : report_on_stderr;
}

void
must_failed(const char *condition, const char *file, int line)
{
	char text[300];

	snprintf(text, sizeof text, "panic: %s:%d: broken invariant: %s", file,
	    line, condition);
	report_fatal(text);
	abort();
}

void
fatal(int status, const char *format, ...)
{
	char text[600] = "fatal: ";
	size_t used = strlen(text);
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text + used, sizeof text - used, format, arguments);
	va_end(arguments);
	report_fatal(text);
	exit(status);
}
