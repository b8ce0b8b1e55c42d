/* SPDX-License-Identifier: MIT */
/* cmocka with what it needs before it, and the comparisons that every unit test
 * of the suite wants. */
#ifndef UNIT_UNIT_H
#define UNIT_UNIT_H

/* cmocka.h relies on the four before it. */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#include "lib/base/span.h"

/* Fails with both texts unless `actual` is exactly the NUL-terminated `want`.
 */
#define assert_span(actual, want) \
	unit_compare((actual), (want), __FILE__, __LINE__)

static inline void
unit_compare(struct span actual, const char *want, const char *file, int line)
{
	if (span_equal(actual, span_text(want)))
		return;
	print_error("have <%.*s>\nwant <%s>\n", SPAN_ARGS(actual), want);
	_fail(file, line);
}

#endif
