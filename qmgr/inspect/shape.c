/* SPDX-License-Identifier: MIT */
#include "qmgr/inspect/shape.h"

#include "lib/base/hash.h"
#include "lib/base/memory.h"
#include "lib/base/text.h"

enum {
	DOMAIN_MAXIMUM = 255
};

int64_t
shape_age_end(const struct shape_ages *ages, size_t age)
{
	if (ages->linear)
		return ages->first * ((int64_t)age + 1);
	return ages->first << age;
}

size_t
shape_age(const struct shape_ages *ages, int64_t seconds)
{
	size_t age = 0;

	while (age + 1 < ages->count && seconds >= shape_age_end(ages, age))
		age++;
	return age;
}

static struct shape_row *
create_row(struct span domain)
{
	struct shape_row *row = memory_zero(sizeof *row + domain.len + 1);

	row->domain = (const char *)(row + 1);
	span_copy((char *)(row + 1), domain);
	return row;
}

void
shape_init(struct shape *shape, const struct shape_ages *ages, size_t maximum)
{
	must(ages->count >= 2 && ages->count <= SHAPE_AGES_MAXIMUM);
	*shape = (struct shape){
	    .ages = *ages,
	    .rows = hash_create(),
	    .maximum = maximum,
	    .total = create_row(SPAN("TOTAL")),
	    .others = create_row(SPAN("(others)")),
	};
}

void
shape_finish(struct shape *shape)
{
	struct hash_cursor cursor = {0};
	struct shape_row *row;

	while ((row = hash_next(shape->rows, &cursor, NULL)) != NULL)
		free(row);
	hash_destroy(shape->rows);
	free(shape->total);
	free(shape->others);
}

static struct shape_row *
find_row(struct shape *shape, struct span domain)
{
	struct shape_row *row = hash_get(shape->rows, domain);

	if (row != NULL)
		return row;
	if (hash_count(shape->rows) == shape->maximum) {
		shape->has_others = true;
		return shape->others;
	}
	row = create_row(domain);
	hash_put(shape->rows, domain, row);
	return row;
}

static void
count_in(struct shape_row *row, size_t age)
{
	row->total++;
	row->by_age[age]++;
}

void
shape_add(struct shape *shape, struct span domain, int64_t seconds)
{
	char folded[DOMAIN_MAXIMUM];
	size_t age = shape_age(&shape->ages, seconds);

	if (domain.len > DOMAIN_MAXIMUM)
		domain = span_skip(domain, domain.len - DOMAIN_MAXIMUM);
	span_copy(folded, domain);
	text_fold(folded, domain.len);
	count_in(find_row(shape, span_of(folded, domain.len)), age);
	count_in(shape->total, age);
}

static int
compare(const void *a, const void *b)
{
	const struct shape_row *left = *(const struct shape_row *const *)a;
	const struct shape_row *right = *(const struct shape_row *const *)b;

	if (left->total != right->total)
		return left->total > right->total ? -1 : 1;
	return strcmp(left->domain, right->domain);
}

const struct shape_row **
shape_sort(const struct shape *shape, size_t *count)
{
	const struct shape_row **rows =
	    memory_alloc((hash_count(shape->rows) + 1) * sizeof *rows);
	struct hash_cursor cursor = {0};
	const struct shape_row *row;

	*count = 0;
	while ((row = hash_next(shape->rows, &cursor, NULL)) != NULL)
		rows[(*count)++] = row;
	qsort(rows, *count, sizeof(struct shape_row *), compare);
	return rows;
}
