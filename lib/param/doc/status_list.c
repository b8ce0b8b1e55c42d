/* SPDX-License-Identifier: MIT */
#include "lib/param/doc/status_list.h"

#include "lib/base/memory.h"
#include "lib/param/doc/mdoc.h"
#include "lib/param/known.h"

#include "master/postconf/catalogue.h"

static int
compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* All names, sorted, some several times; the caller frees the array. */
static const char **
collect_names(size_t *count)
{
	const struct param_set *const *sets = catalogue_sets();
	const struct known *known = known_all(count);
	size_t most = *count;
	const char **names;

	for (size_t i = 0; sets[i] != NULL; i++)
		most += sets[i]->count;
	names = memory_alloc(most * sizeof *names);
	for (size_t i = 0; i < *count; i++)
		names[i] = known[i].name;
	for (; *sets != NULL; sets++)
		for (size_t i = 0; i < (*sets)->count; i++)
			names[(*count)++] = (*sets)->specs[i].name;
	qsort(names, *count, sizeof *names, compare_names);
	return names;
}

/* Whose params.def declare it. */
static void
append_owners(const char *name, struct buf *out)
{
	const struct param_set *const *sets = catalogue_sets();
	bool is_first = true;

	for (; *sets != NULL; sets++) {
		if (param_find(*sets, span_text(name)) == NULL ||
		    strcmp((*sets)->owner, "common") == 0)
			continue;
		buf_append_text(out, is_first ? " by " : ", ");
		buf_append_text(out, (*sets)->owner);
		is_first = false;
	}
}

static void
append_known(const struct known *known, struct buf *out)
{
	switch (known->status) {
	case KNOWN_DESCRIPTIVE:
		buf_append_text(out, "described only\n");
		return;
	case KNOWN_LATER:
		buf_append_text(out, "not yet\n");
		return;
	case KNOWN_UNSAFE:
		buf_append_text(out, "not yet; stops the start: ");
		break;
	case KNOWN_UNSUPPORTED:
		buf_append_text(out, "not supported; use ");
		break;
	}
	mdoc_append_text(out, known->note);
	buf_append_byte(out, '\n');
}

static void
append_item(const char *name, struct buf *out)
{
	buf_printf(out, ".It Ic %s\n", name);
	if (catalogue_honours(span_text(name))) {
		buf_append_text(out, "honoured");
		append_owners(name, out);
		buf_append_byte(out, '\n');
	} else {
		append_known(known_find(span_text(name)), out);
	}
}

void
status_list_append(struct buf *out)
{
	size_t count;
	const char **names = collect_names(&count);

	for (size_t i = 0; i < count; i++)
		if (i == 0 || strcmp(names[i - 1], names[i]) != 0)
			append_item(names[i], out);
	free(names);
}
