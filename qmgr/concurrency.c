/* SPDX-License-Identifier: MIT */
#include "qmgr/concurrency.h"

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

void
concurrency_success(
    struct concurrency *concurrency, const struct concurrency_limits *limits)
{
	/* A window that was not in full use has proved nothing. */
	bool full = concurrency->busy >= concurrency->size;

	concurrency_neutral(concurrency);
	concurrency->failed = 0;
	if (full && concurrency->size < limits->maximum)
		concurrency->size++;
}

bool
concurrency_failure(
    struct concurrency *concurrency, const struct concurrency_limits *limits)
{
	concurrency_neutral(concurrency);
	concurrency->failed += 1.0 / concurrency->size;
	if (concurrency->size > 1)
		concurrency->size--;
	/* Sums of fractions fall a little short of the whole. */
	return concurrency->failed + 1e-9 >= limits->cohorts;
}

bool
concurrency_is_fresh(const struct concurrency *concurrency,
    const struct concurrency_limits *limits)
{
	return concurrency->busy == 0 && concurrency->failed == 0 &&
	    (concurrency->size >= limits->initial ||
		concurrency->size >= limits->maximum);
}
