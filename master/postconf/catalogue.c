/* SPDX-License-Identifier: MIT */
#include "master/postconf/catalogue.h"

#include "lib/param/common.h"
#include "lib/param/known.h"
#include "lib/param/nearest.h"

/* A table of specs and a struct param_set for each params.def, and
 * PROGRAM_SETS, which lists them. */
#define PARAM PARAM_SPEC_ONLY
#include "catalogue_programs.h"
#undef PARAM

static const struct param_set *const sets[] = {
    &common_param_set,
    PROGRAM_SETS NULL,
};

const struct param_set *const *
catalogue_sets(void)
{
	return sets;
}

const struct param_spec *
catalogue_find(struct span name)
{
	const struct param_spec *spec = NULL;

	for (size_t i = 0; spec == NULL && sets[i] != NULL; i++)
		spec = param_find(sets[i], name);
	return spec;
}

bool
catalogue_honours(struct span name)
{
	const char *suffix;

	if (catalogue_find(name) != NULL)
		return true;
	suffix = known_service_suffix(name);
	return suffix != NULL &&
	    catalogue_find(known_suffix_default(suffix)) != NULL;
}

bool
catalogue_knows(struct span name)
{
	return catalogue_find(name) != NULL || known_find(name) != NULL;
}

const char *
catalogue_default(struct span name)
{
	const struct param_spec *spec = catalogue_find(name);
	const struct known *known;

	if (spec != NULL)
		return spec->default_text[0] == '(' ? NULL : spec->default_text;
	known = known_find(name);
	return known == NULL ? NULL : known->default_text;
}

bool
catalogue_is_raw(struct span name)
{
	const struct param_spec *spec = catalogue_find(name);
	const struct known *known = known_find(name);

	if (spec != NULL)
		return spec->type == PARAM_RAW;
	return known != NULL && known->is_raw;
}

const char *
catalogue_nearest(struct span name)
{
	struct nearest nearest;
	size_t count;
	const struct known *known = known_all(&count);

	nearest_start(&nearest, name);
	for (size_t i = 0; sets[i] != NULL; i++)
		for (size_t j = 0; j < sets[i]->count; j++)
			nearest_try(&nearest, sets[i]->specs[j].name);
	for (size_t i = 0; i < count; i++)
		nearest_try(&nearest, known[i].name);
	return nearest.name;
}
