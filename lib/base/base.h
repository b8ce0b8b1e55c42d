/* SPDX-License-Identifier: MIT */
/* What every file of the suite may rely on: attributes, must(), fatal() and
 * the functions nobody may call. Include it through any other base header. */
#ifndef BASE_BASE_H
#define BASE_BASE_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MUST_USE                __attribute__((warn_unused_result))
#define PRINTF_LIKE(text, args) __attribute__((format(printf, text, args)))
#define UNUSED                  __attribute__((unused))

#define COUNT_OF(array) (sizeof(array) / sizeof(array)[0])

/* States an invariant. Always compiled in: a false condition is a bug of ours,
 * is reported with file and line, and aborts the process. */
#define must(condition) \
	((condition) ? (void)0 : must_failed(#condition, __FILE__, __LINE__))

_Noreturn void must_failed(const char *condition, const char *file, int line);

/* Reports `format` and ends the process with `status` (sysexits.h), for
 * conditions under which the process cannot go on. Only main.c files,
 * lib/daemon, lib/base and lib/param may call it. */
_Noreturn void fatal(int status, const char *format, ...) PRINTF_LIKE(2, 3);

/* Where fatal() and must() report; standard error until somebody sets it.
 * `report` must not fail and must have written the text when it returns. */
void fatal_set_report(void (*report)(const char *text));

#ifndef BASE_ALLOW_UNBOUNDED
/* With clang, _FORTIFY_SOURCE makes macros of these. */
#undef sprintf
#undef vsprintf
#pragma GCC poison strcpy strcat sprintf vsprintf strncpy strncat strtok atoi
#pragma GCC poison atol gets
#endif

#endif
