/* SPDX-License-Identifier: MIT */
#include "man/doc/event_list.h"

#include "lib/param/doc/mdoc.h"

static const struct {
	const char *name;
	const char *level;
	const char *template;
	const char *meaning;
} events[] = {

#define EVENT(name, level, template, meaning) \
	{#name, #level, template, meaning},
#include "lib/log/events.def"
#undef EVENT
};

void
event_list_append(struct buf *out)
{
	for (size_t i = 0; i < COUNT_OF(events); i++) {
		buf_printf(
		    out, ".It Ic %s Pq %s\n", events[i].name, events[i].level);
		mdoc_append_text(out, events[i].meaning);
		buf_append_text(out, ".\n.Bd -literal\n");
		mdoc_append_text(out, events[i].template);
		buf_append_text(out, "\n.Ed\n");
	}
}
