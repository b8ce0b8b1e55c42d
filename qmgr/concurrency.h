/* SPDX-License-Identifier: MIT */
/* How many deliveries one destination gets at a time: the window grows while
 * they get through, shrinks while they do not, and after enough failures in a
 * row calls the destination dead. The rules are those of Postfix 2.5 and later
 * (SCHEDULER_README). A value without I/O or clock; embedded in its
 * destination. */
#ifndef QMGR_CONCURRENCY_H
#define QMGR_CONCURRENCY_H

#include "lib/param/feedback.h"

struct concurrency_limits {
	uint32_t initial;
	uint32_t maximum;
	uint32_t cohorts; /* failed ones that make it dead */
	struct feedback positive;
	struct feedback negative;
};

struct concurrency {
	uint32_t size; /* at least 1 */
	uint32_t busy;
	/* Parts of a step that are not made yet: one up when `success` reaches
	 * 1, one down when `failure` falls below 0. */
	double success;
	double failure;
	/* Failures since the last success, each as the share of the window
	 * that it was: 1 is a window full of failures, a cohort. */
	double failed;
};

void concurrency_init(
    struct concurrency *concurrency, const struct concurrency_limits *limits);

bool concurrency_has_room(const struct concurrency *concurrency);
void concurrency_begin(struct concurrency *concurrency);

/* A delivery has ended: the destination works, cannot be reached, or nothing
 * was learned about it. concurrency_failure is true when it is dead now. */
void concurrency_success(
    struct concurrency *concurrency, const struct concurrency_limits *limits);
bool concurrency_failure(struct concurrency *concurrency,
    const struct concurrency_limits *limits) MUST_USE;
void concurrency_neutral(struct concurrency *concurrency);

/* Nothing is under way and nothing was learned that should be kept. */
bool concurrency_is_fresh(const struct concurrency *concurrency,
    const struct concurrency_limits *limits);

#endif
