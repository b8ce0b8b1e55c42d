/* SPDX-License-Identifier: MIT */
/* Regular expressions of POSIX, with the additions of the GNU library, written
 * as those of PCRE2, which can be stopped. What matches is the same; where
 * a pattern can match in several ways, groups are those of the first way and
 * not of the longest, and of (a*)+ the group is the last, empty one. */
#ifndef TABLE_POSIX_PATTERN_H
#define TABLE_POSIX_PATTERN_H

#include "lib/base/buf.h"
#include "lib/base/error.h"

enum {
	POSIX_PATTERN_MAXIMUM = 1024 * 1024 /* bytes, translated */
};

struct posix_pattern {
	struct span text;
	bool is_extended; /* else basic */
	bool has_lines;   /* REG_NEWLINE: nothing but \n matches a newline */
};

/* Appends to `out`; false: ERROR_INVALID with what is wrong. Errors that both
 * kinds have in common are left for the compiler to find. */
bool posix_pattern_translate(const struct posix_pattern *pattern,
    struct buf *out, struct error *error) MUST_USE;

#endif
