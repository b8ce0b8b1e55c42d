/* SPDX-License-Identifier: MIT */
#include "master/suspects.h"

static struct suspect *
find(struct suspects *suspects, struct span name)
{
	for (size_t i = 0; i < suspects->count; i++)
		if (span_equal(span_text(suspects->at[i].name), name))
			return &suspects->at[i];
	return NULL;
}

const struct suspect *
suspects_find(const struct suspects *suspects, struct span name)
{
	return find((struct suspects *)(uintptr_t)suspects, name);
}

static void
drop(struct suspects *suspects, struct suspect *suspect)
{
	*suspect = suspects->at[--suspects->count];
}

void
suspects_forget(struct suspects *suspects, struct span name)
{
	struct suspect *suspect = find(suspects, name);

	if (suspect != NULL)
		drop(suspects, suspect);
}

static bool
is_over(
    const struct suspects *suspects, const struct suspect *suspect, int64_t now)
{
	return now - suspect->last > (suspect->is_guilty
					     ? suspects->rule->memory
					     : suspects->rule->window);
}

bool
suspects_sweep(struct suspects *suspects, int64_t now)
{
	size_t before = suspects->count;

	for (size_t i = suspects->count; i > 0; i--)
		if (is_over(suspects, &suspects->at[i - 1], now))
			drop(suspects, &suspects->at[i - 1]);
	return suspects->count < before;
}

static struct suspect *
find_oldest(struct suspects *suspects)
{
	struct suspect *oldest = &suspects->at[0];

	for (size_t i = 1; i < suspects->count; i++)
		if (suspects->at[i].last_crash < oldest->last_crash)
			oldest = &suspects->at[i];
	return oldest;
}

static struct suspect *
find_or_add(struct suspects *suspects, struct span name)
{
	struct suspect *suspect = find(suspects, name);

	if (suspect != NULL)
		return suspect;
	if (suspects->count == SUSPECTS_MAXIMUM)
		drop(suspects, find_oldest(suspects));
	suspect = &suspects->at[suspects->count++];
	*suspect = (struct suspect){.crashes = 0};
	snprintf(suspect->name, sizeof suspect->name, "%.*s", SPAN_ARGS(name));
	return suspect;
}

void
suspects_note(struct suspects *suspects, const struct span *names, size_t count,
    int64_t now)
{
	const struct suspects_rule *rule = suspects->rule;

	must(count <= SUSPECTS_MAXIMUM);
	(void)suspects_sweep(suspects, now);
	suspects->crashes++;
	for (size_t i = 0; i < count; i++) {
		struct suspect *suspect = find_or_add(suspects, names[i]);

		suspect->crashes++;
		suspect->last = now;
		suspect->last_crash = suspects->crashes;
		if (suspect->crashes >= rule->certain ||
		    (suspect->crashes >= rule->alone && count == 1))
			suspect->is_guilty = true;
	}
}
