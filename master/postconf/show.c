/* SPDX-License-Identifier: MIT */
#include "master/postconf/show.h"

#include "lib/base/memory.h"
#include "lib/param/known.h"

#include "master/postconf/catalogue.h"
#include "master/postconf/check.h"

#define VALUE_MAXIMUM (1024 * 1024)

/* A growing list of names, sorted and without doubles before use. */
struct name_list {
	struct span *names;
	size_t count;
	size_t size;
	struct pool *pool; /* of names that are made here */
};

static void
add_name(struct name_list *list, struct span name)
{
	if (list->count == list->size) {
		list->size = list->size == 0 ? 256 : 2 * list->size;
		list->names = memory_resize(
		    list->names, list->size * sizeof *list->names);
	}
	list->names[list->count++] = name;
}

static int
compare_names(const void *a, const void *b)
{
	return span_compare(*(const struct span *)a, *(const struct span *)b);
}

/* Calls show_parameter() for each name and frees the list. */
static void
show_names(const struct show *show, struct name_list *list)
{
	qsort(list->names, list->count, sizeof *list->names, compare_names);
	for (size_t i = 0; i < list->count; i++)
		if (i == 0 || !span_equal(list->names[i], list->names[i - 1]))
			show_parameter(show, list->names[i]);
	free(list->names);
	pool_destroy(list->pool);
}

static bool
list_has(const struct name_list *list, struct span name)
{
	for (size_t i = 0; i < list->count; i++)
		if (span_equal(list->names[i], name))
			return true;
	return false;
}

static void
warn_unknown(const struct show *show, struct span name)
{
	const char *nearest = catalogue_nearest(name);

	if (nearest != NULL)
		warnings_add(show->warnings,
		    "%.*s: unknown parameter (did you mean %s?)",
		    SPAN_ARGS(name), nearest);
	else
		warnings_add(
		    show->warnings, "%.*s: unknown parameter", SPAN_ARGS(name));
}

/* What the source says the name means, as it is written or, with -x, what it
 * comes to. */
static void
show_value(const struct show *show, struct span name, struct span value)
{
	struct buf expanded;
	struct error error;

	buf_init(&expanded, VALUE_MAXIMUM);
	if (show->is_expanded && !catalogue_is_raw(name)) {
		if (param_expand(show->source, value, &expanded, &error))
			value = buf_span(&expanded);
		else
			warnings_add(show->warnings, "%.*s: %s",
			    SPAN_ARGS(name), error.text);
	}
	output_setting(show->output, name, value);
	buf_finish(&expanded);
}

void
show_parameter(const struct show *show, struct span name)
{
	struct pool *pool = pool_create(NULL, "parameter", POOL_NO_MAXIMUM);
	struct span value;

	if (param_get(show->source, pool, name, &value))
		show_value(show, name, value);
	else
		warn_unknown(show, name);
	pool_destroy(pool);
}

/* ---- names of transports ---- */

/* The row that stands for the names of all transports. */
static bool
is_pattern(const struct known *known)
{
	return span_starts(span_text(known->name), SPAN("transport_")) &&
	    known_service_suffix(span_text(known->name)) != NULL;
}

static bool
is_time_limit(const char *suffix)
{
	return strcmp(suffix, "_time_limit") == 0;
}

/* Whether a line of master.cf makes a parameter of its name and the suffix. */
static bool
has_suffix(const struct master_service *service, const char *suffix)
{
	static const char *const agents[] = {
	    "error", "lmtp", "local", "pipe", "smtp", "virtual"};

	if (service->type != MASTER_UNIX)
		return false;
	if (is_time_limit(suffix))
		return span_equal(service->command, SPAN("pipe")) ||
		    span_equal(service->command, SPAN("spawn"));
	for (size_t i = 0; i < COUNT_OF(agents); i++)
		if (span_equal(service->command, span_text(agents[i])))
			return true;
	return false;
}

static void
add_service_names(const struct show *show, struct name_list *list)
{
	for (size_t i = 0; i < show->master_cf->count; i++) {
		const struct master_service *service =
		    &show->master_cf->services[i];
		const char *suffix;

		for (size_t k = 0; (suffix = known_suffix(k)) != NULL; k++) {
			char *name;

			if (!has_suffix(service, suffix))
				continue;
			name = pool_printf(list->pool, "%.*s%s",
			    SPAN_ARGS(service->name), suffix);
			must(name != NULL);
			add_name(list, span_text(name));
		}
	}
}

static bool
is_service_name(const struct show *show, struct span name)
{
	const char *suffix = known_service_suffix(name);

	if (suffix == NULL)
		return false;
	name.len -= strlen(suffix);
	for (size_t i = 0; i < show->master_cf->count; i++)
		if (span_equal(show->master_cf->services[i].name, name) &&
		    has_suffix(&show->master_cf->services[i], suffix))
			return true;
	return false;
}

/* ---- names of main.cf ---- */

static enum show_class
class_of(const struct show *show, struct span name)
{
	if (is_service_name(show, name))
		return SHOW_SERVICE;
	return catalogue_knows(name) ? SHOW_BUILT_IN : SHOW_USER;
}

static void
note_unused(void *argument, const struct config_entry *entry)
{
	add_name(argument, entry->name);
}

/* Those of the wanted classes that main.cf sets, but for the unused ones. */
static void
add_settings(const struct show *show, struct name_list *list)
{
	const struct check check = {
	    .config = show->config,
	    .master_cf = show->master_cf,
	};
	struct name_list unused = {.count = 0};
	const struct config_entry *entry;

	check_unused(&check, show->warnings, note_unused, &unused);
	for (entry = config_first(show->config); entry != NULL;
	     entry = entry->next)
		if (!list_has(&unused, entry->name) &&
		    (show->classes & class_of(show, entry->name)) != 0)
			add_name(list, entry->name);
	free(unused.names);
}

static void
add_built_in(struct name_list *list)
{
	const struct param_set *const *sets = catalogue_sets();
	size_t count;
	const struct known *known = known_all(&count);

	for (size_t i = 0; i < count; i++)
		if (!is_pattern(&known[i]))
			add_name(list, span_text(known[i].name));
	for (; *sets != NULL; sets++)
		for (size_t i = 0; i < (*sets)->count; i++)
			add_name(list, span_text((*sets)->specs[i].name));
}

static struct name_list
list_create(void)
{
	return (struct name_list){
	    .pool = pool_create(NULL, "names", POOL_NO_MAXIMUM),
	};
}

void
show_all(const struct show *show)
{
	struct name_list list = list_create();

	if ((show->classes & SHOW_BUILT_IN) != 0)
		add_built_in(&list);
	if ((show->classes & SHOW_SERVICE) != 0)
		add_service_names(show, &list);
	add_settings(show, &list);
	show_names(show, &list);
}

void
show_settings(const struct show *show)
{
	struct name_list list = list_create();

	add_settings(show, &list);
	show_names(show, &list);
}
