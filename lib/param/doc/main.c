/* SPDX-License-Identifier: MIT */
/* param_doc: prints the parameters of the programs named, or of all, as mdoc
 * list items sorted by name; with -s, what is done with each. Runs at build
 * time only. */
#include <unistd.h>

#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/param/doc/mdoc.h"
#include "lib/param/doc/status_list.h"

#include "master/postconf/catalogue.h"

#define OUTPUT_MAXIMUM (4 * 1024 * 1024)

static int
compare_specs(const void *a, const void *b)
{
	return strcmp((*(const struct param_spec *const *)a)->name,
	    (*(const struct param_spec *const *)b)->name);
}

static bool
is_wanted(const struct param_set *set, char **owners, int count)
{
	for (int i = 0; i < count; i++)
		if (strcmp(owners[i], set->owner) == 0)
			return true;
	return count == 0;
}

/* The wanted specs; *count says how many. */
static const struct param_spec **
collect(char **owners, int owner_count, size_t *count)
{
	const struct param_set *const *sets = catalogue_sets();
	const struct param_spec **specs;
	size_t most = 0;

	for (size_t i = 0; sets[i] != NULL; i++)
		most += sets[i]->count;
	specs = memory_zero(most * sizeof *specs);
	*count = 0;
	for (; *sets != NULL; sets++)
		if (is_wanted(*sets, owners, owner_count))
			for (size_t i = 0; i < (*sets)->count; i++)
				specs[(*count)++] = &(*sets)->specs[i];
	return specs;
}

static void
append_params(struct buf *out, char **owners, int owner_count)
{
	size_t count;
	const struct param_spec **specs = collect(owners, owner_count, &count);

	qsort(specs, count, sizeof(*specs), compare_specs);
	/* Some are declared by each of the programs that use them. */
	for (size_t i = 0; i < count; i++)
		if (i == 0 || compare_specs(&specs[i - 1], &specs[i]) != 0)
			mdoc_append_param(out, specs[i]);
	free(specs);
}

int
main(int argc, char **argv)
{
	struct error error;
	struct buf out;

	buf_init(&out, OUTPUT_MAXIMUM);
	if (argc == 2 && strcmp(argv[1], "-s") == 0)
		status_list_append(&out);
	else
		append_params(&out, argv + 1, argc - 1);
	if (!io_write(STDOUT_FILENO, buf_span(&out), &error))
		fatal(EXIT_FAILURE, "%s", error.text);
	buf_finish(&out);
	return EXIT_SUCCESS;
}
