/* SPDX-License-Identifier: MIT */
/* How many recipients wait for which domain, and how long they have waited:
 * counts by domain and age. Exact for the first SHAPE_DOMAINS_MAXIMUM domains;
 * of any further one only the sum with the others is kept, so that memory does
 * not grow with the queue. */
#ifndef INSPECT_SHAPE_H
#define INSPECT_SHAPE_H

#include "lib/base/span.h"

enum {
	SHAPE_DOMAINS_MAXIMUM = 100000,
	SHAPE_AGES_MAXIMUM = 16
};

struct shape_ages {
	size_t count;  /* 2 to SHAPE_AGES_MAXIMUM; the last has no upper end */
	int64_t first; /* seconds: the upper end of the first */
	bool linear;   /* each is as wide as the first, else twice as wide as
			* the one before */
};

struct shape_row {
	uint64_t total;
	uint64_t by_age[SHAPE_AGES_MAXIMUM];
	const char *domain; /* in lower case; lies behind the struct */
};

struct shape {
	struct shape_ages ages;
	struct hash *rows;
	size_t maximum; /* of rows */
	struct shape_row *total;
	struct shape_row *others; /* without a row */
	bool has_others;
};

/* Pure: which age `seconds` is, and the upper end of an age but the last. */
size_t shape_age(const struct shape_ages *ages, int64_t seconds);
int64_t shape_age_end(const struct shape_ages *ages, size_t age);

void shape_init(
    struct shape *shape, const struct shape_ages *ages, size_t maximum);
void shape_finish(struct shape *shape);

/* One more for `domain`; a long one is cut to its last 255 bytes. */
void shape_add(struct shape *shape, struct span domain, int64_t seconds);

/* All rows, the largest first; `*count` of them, the array is the caller's. */
const struct shape_row **shape_sort(const struct shape *shape, size_t *count)
    __attribute__((returns_nonnull));

#endif
