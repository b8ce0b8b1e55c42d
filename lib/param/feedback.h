/* SPDX-License-Identifier: MIT */
/* Concurrency feedback in configuration: how much a delivery tells about the
 * destination that it went to. */
#ifndef PARAM_FEEDBACK_H
#define PARAM_FEEDBACK_H

#include "lib/base/span.h"

enum feedback_divisor {
	FEEDBACK_BY_NOTHING,
	FEEDBACK_BY_CONCURRENCY,
	FEEDBACK_BY_ROOT /* of the concurrency */
};

struct feedback {
	double number; /* 0 to 1 */
	enum feedback_divisor divisor;
};

/* Parses "0.5", "1 / concurrency", "1 / sqrt_concurrency"; false when the text
 * has another form or the number is above 1. */
bool feedback_parse(struct span text, struct feedback *feedback) MUST_USE;

#endif
