/* SPDX-License-Identifier: MIT */
#include "lib/param/nearest.h"

void
nearest_start(struct nearest *nearest, struct span wanted)
{
	*nearest = (struct nearest){
	    .wanted = wanted,
	    .distance = 2 + wanted.len / 4,
	};
}

static size_t
smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* How many single letters must be added, removed, replaced or swapped with
 * their neighbour to make `a` of `b` (optimal string alignment). */
static size_t
edit_distance(struct span a, struct span b)
{
	size_t rows[3][NEAREST_NAME_MAXIMUM + 1];
	size_t *before = rows[0];
	size_t *above = rows[1];
	size_t *row = rows[2];

	for (size_t j = 0; j <= b.len; j++)
		above[j] = before[j] = j;
	for (size_t i = 1; i <= a.len; i++) {
		size_t *spare = before;

		row[0] = i;
		for (size_t j = 1; j <= b.len; j++) {
			bool same = a.at[i - 1] == b.at[j - 1];

			row[j] = smaller(above[j], row[j - 1]) + 1;
			row[j] = smaller(row[j], above[j - 1] + !same);
			if (i > 1 && j > 1 && a.at[i - 1] == b.at[j - 2] &&
			    a.at[i - 2] == b.at[j - 1])
				row[j] = smaller(row[j], before[j - 2] + 1);
		}
		before = above;
		above = row;
		row = spare;
	}
	return above[b.len];
}

void
nearest_try(struct nearest *nearest, const char *candidate)
{
	struct span name = span_text(candidate);
	size_t distance;

	if (name.len > NEAREST_NAME_MAXIMUM ||
	    nearest->wanted.len > NEAREST_NAME_MAXIMUM)
		return;
	distance = edit_distance(nearest->wanted, name);
	if (distance >= nearest->distance)
		return;
	nearest->distance = distance;
	nearest->name = candidate;
}
