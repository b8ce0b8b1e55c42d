/* SPDX-License-Identifier: MIT */
#include "lib/param/known.h"

#include "lib/param/nearest.h"
#include "lib/param/word_list.h"

/* clang-format off */
#define DESCRIPTIVE(name, value) \
	{#name, value, KNOWN_DESCRIPTIVE, NULL, NULL, false},
#define LATER(name, value) \
	{#name, value, KNOWN_LATER, NULL, NULL, false},
#define RAW(name, value) \
	{#name, value, KNOWN_LATER, NULL, NULL, true},
#define UNSAFE(name, value, feature, harmless) \
	{#name, value, KNOWN_UNSAFE, feature, harmless, false},
#define UNSUPPORTED(name, value, instead) \
	{#name, value, KNOWN_UNSUPPORTED, instead, NULL, false},
/* clang-format on */

static const struct known rows[] = {
#include "lib/param/known.def"
};

/* What may follow the name of a service; one that ends like another comes
 * before it. */
static const char *const suffixes[] = {
    "_delivery_slot_cost",
    "_delivery_slot_discount",
    "_delivery_slot_loan",
    "_destination_concurrency_failed_cohort_limit",
    "_destination_concurrency_limit",
    "_destination_concurrency_negative_feedback",
    "_destination_concurrency_positive_feedback",
    "_destination_rate_delay",
    "_destination_recipient_limit",
    "_extra_recipient_limit",
    "_initial_destination_concurrency",
    "_minimum_delivery_slots",
    "_recipient_limit",
    "_recipient_refill_delay",
    "_recipient_refill_limit",
    "_time_limit",
    "_transport_rate_delay",
};

const struct known *
known_all(size_t *count)
{
	*count = COUNT_OF(rows);
	return rows;
}

const char *
known_service_suffix(struct span name)
{
	for (size_t i = 0; i < COUNT_OF(suffixes); i++) {
		struct span suffix = span_text(suffixes[i]);

		if (name.len > suffix.len && span_ends(name, suffix))
			return suffixes[i];
	}
	return NULL;
}

static int
compare_row(const void *name, const void *row)
{
	const struct known *known = row;

	return span_compare(*(const struct span *)name, span_text(known->name));
}

static const struct known *
find_row(struct span name)
{
	return bsearch(
	    &name, rows, COUNT_OF(rows), sizeof rows[0], compare_row);
}

static const struct known *
find_pattern(const char *suffix)
{
	char pattern[NEAREST_NAME_MAXIMUM];

	snprintf(pattern, sizeof pattern, "transport%s", suffix);
	return find_row(span_text(pattern));
}

const struct known *
known_find(struct span name)
{
	const struct known *known = find_row(name);
	const char *suffix;

	if (known != NULL)
		return known;
	suffix = known_service_suffix(name);
	return suffix == NULL ? NULL : find_pattern(suffix);
}

const char *
known_suffix(size_t index)
{
	return index < COUNT_OF(suffixes) ? suffixes[index] : NULL;
}

struct span
known_suffix_default(const char *suffix)
{
	const struct known *row = find_pattern(suffix);

	must(row != NULL && row->default_text[0] == '$');
	return span_text(row->default_text + 1);
}

const char *
known_nearest(struct span name)
{
	struct nearest nearest;

	nearest_start(&nearest, name);
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		nearest_try(&nearest, rows[i].name);
	return nearest.name;
}

static bool
is_harmless(const struct known *known, struct span value)
{
	struct span harmless = span_text(known->harmless);
	struct span word;

	while (word_list_next(&value, &word))
		if (!word_list_has(harmless, word))
			return false;
	return true;
}

enum known_verdict
known_judge(
    const struct known *known, struct span value, struct span default_value)
{
	value = span_trim(value);
	if (value.len == 0 || span_equal(value, span_trim(default_value)) ||
	    known->status == KNOWN_DESCRIPTIVE)
		return KNOWN_FINE;
	if (known->status == KNOWN_UNSAFE && !is_harmless(known, value))
		return KNOWN_STOP;
	return KNOWN_WARN;
}
