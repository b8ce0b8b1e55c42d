/* SPDX-License-Identifier: MIT */
/* The words of an expected failure. The caller owns the storage (usually its
 * stack); setting it never allocates. The text is written once where the cause
 * is known, callers prepend context. */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

#include "lib/base/base.h"

enum error_kind {
	ERROR_NONE,
	ERROR_INVALID,   /* the input is wrong; a retry gives the same answer */
	ERROR_NOT_FOUND, /* looked everywhere, it is not there */
	ERROR_TEMPORARY, /* a retry may succeed */
	ERROR_LIMIT,     /* a configured or built-in maximum was reached */
	ERROR_TIMEOUT,   /* the deadline passed */
	ERROR_CLOSED,    /* the peer closed or reset the connection */
	ERROR_SYSTEM     /* a system call failed, saved_errno says how */
};

struct error {
	enum error_kind kind;
	int saved_errno; /* 0 unless kind is ERROR_SYSTEM */
	char text[200];  /* one line, no final dot, cut when longer */
};

/* Each setter returns false, so that a failing function can return it. A NULL
 * error means that the caller does not want the words. */
bool error_set(struct error *error, enum error_kind kind, const char *format,
    ...) PRINTF_LIKE(3, 4);

/* As error_set with ERROR_SYSTEM; appends ": " and the text of errno. */
bool error_system(struct error *error, const char *format, ...)
    PRINTF_LIKE(2, 3);

/* Puts `format` and ": " before the text; kind and errno stay. */
bool error_prefix(struct error *error, const char *format, ...)
    PRINTF_LIKE(2, 3);

#endif
