/* SPDX-License-Identifier: MIT */
#include "lib/queue/journal_walk.h"

void
journal_walk_init(struct journal_walk *walk, const struct source *source,
    struct extent journal)
{
	*walk = (struct journal_walk){.end = journal.offset};
	window_init(&walk->window, source, journal, 0);
}

void
journal_walk_finish(struct journal_walk *walk)
{
	window_finish(&walk->window);
}

/* A journal that has become shorter since its length was taken has had its
 * torn end cut off: that is its end and no failure. */
static bool
read_more(struct journal_walk *walk)
{
	if (window_is_last(&walk->window))
		return false;
	if (window_fill(&walk->window, &walk->error))
		return true;
	if (walk->error.kind == ERROR_INVALID)
		walk->error.kind = ERROR_NONE;
	return false;
}

bool
journal_walk_next(struct journal_walk *walk)
{
	for (;;) {
		struct window *window = &walk->window;
		enum journal_result result =
		    journal_take(&window->rest, walk->count, &walk->entry);

		if (result == JOURNAL_TORN)
			return false;
		if (result == JOURNAL_SHORT) {
			if (!read_more(walk))
				return false;
			continue;
		}
		walk->count++;
		walk->offset = walk->end;
		walk->end = window->ahead.offset - window->rest.len;
		if (result == JOURNAL_TAKEN)
			return true;
	}
}
