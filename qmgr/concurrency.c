/* SPDX-License-Identifier: MIT */
#include "qmgr/concurrency.h"

#include <math.h>

/* Sums of fractions fall a little short of the whole. */
#define ROUNDING 1e-9

void
concurrency_init(
    struct concurrency *concurrency, const struct concurrency_limits *limits)
{
	uint32_t size = limits->initial;

	if (size > limits->maximum)
		size = limits->maximum;
	*concurrency = (struct concurrency){.size = size > 0 ? size : 1};
}

bool
concurrency_has_room(const struct concurrency *concurrency)
{
	return concurrency->busy < concurrency->size;
}

void
concurrency_begin(struct concurrency *concurrency)
{
	concurrency->busy++;
}

void
concurrency_neutral(struct concurrency *concurrency)
{
	must(concurrency->busy > 0);
	concurrency->busy--;
}

static double
amount(const struct feedback *feedback, uint32_t size)
{
	switch (feedback->divisor) {
	case FEEDBACK_BY_CONCURRENCY:
		return feedback->number / size;
	case FEEDBACK_BY_ROOT:
		return feedback->number / sqrt(size);
	case FEEDBACK_BY_NOTHING:
		break;
	}
	return feedback->number;
}

/* One up at the end of 1 / feedback successes, which begins the sequence of
 * failures anew. */
static void
grow(struct concurrency *concurrency, const struct concurrency_limits *limits)
{
	concurrency->success += amount(&limits->positive, concurrency->size);
	if (concurrency->success + ROUNDING < 1)
		return;
	concurrency->success -= 1;
	concurrency->failure = 0;
	concurrency->size++;
}

/* One down at the beginning of 1 / feedback failures: a correction at their end
 * would come too late. */
static void
shrink(struct concurrency *concurrency, const struct concurrency_limits *limits)
{
	concurrency->failure -= amount(&limits->negative, concurrency->size);
	if (concurrency->failure + ROUNDING >= 0)
		return;
	concurrency->failure += 1;
	concurrency->success = 0;
	if (concurrency->size > 1)
		concurrency->size--;
}

void
concurrency_success(
    struct concurrency *concurrency, const struct concurrency_limits *limits)
{
	/* A window far from full use proves nothing. */
	bool in_use = concurrency->size < concurrency->busy + limits->initial;

	concurrency_neutral(concurrency);
	concurrency->failed = 0;
	if (in_use && concurrency->size < limits->maximum)
		grow(concurrency, limits);
}

bool
concurrency_failure(
    struct concurrency *concurrency, const struct concurrency_limits *limits)
{
	concurrency_neutral(concurrency);
	concurrency->failed += 1.0 / concurrency->size;
	shrink(concurrency, limits);
	return concurrency->failed + ROUNDING >= limits->cohorts;
}

bool
concurrency_is_fresh(const struct concurrency *concurrency,
    const struct concurrency_limits *limits)
{
	return concurrency->busy == 0 && concurrency->failed == 0 &&
	    (concurrency->size >= limits->initial ||
		concurrency->size >= limits->maximum);
}
