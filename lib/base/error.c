/* SPDX-License-Identifier: MIT */
#include "lib/base/error.h"

#include <errno.h>

bool
error_set(struct error *error, enum error_kind kind, const char *format, ...)
{
	va_list arguments;

	if (error == NULL)
		return false;
	error->kind = kind;
	error->saved_errno = 0;
	va_start(arguments, format);
	vsnprintf(error->text, sizeof error->text, format, arguments);
	va_end(arguments);
	return false;
}

bool
error_system(struct error *error, const char *format, ...)
{
	int number = errno;
	va_list arguments;
	size_t used;

	if (error == NULL)
		return false;
	error->kind = ERROR_SYSTEM;
	error->saved_errno = number;
	va_start(arguments, format);
	vsnprintf(error->text, sizeof error->text, format, arguments);
	va_end(arguments);
	used = strlen(error->text);
	snprintf(error->text + used, sizeof error->text - used, ": %s",
	    strerror(number));
	errno = number;
	return false;
}

bool
error_prefix(struct error *error, const char *format, ...)
{
	char text[sizeof error->text];
	va_list arguments;
	size_t used;

	if (error == NULL)
		return false;
	va_start(arguments, format);
	vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	used = strlen(text);
	snprintf(text + used, sizeof text - used, ": %s", error->text);
	memcpy(error->text, text, sizeof text);
	return false;
}
