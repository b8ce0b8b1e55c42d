/* SPDX-License-Identifier: MIT */
#include "master/postconf/show.h"

#include "lib/base/memory.h"
#include "lib/param/known.h"
#include "lib/param/word_list.h"

#include "master/postconf/catalogue.h"

#define VALUE_MAXIMUM (1024 * 1024)

/* A growing list of names, sorted and without doubles before use. */
struct name_list {
	struct span *names;
	size_t count;
	size_t size;
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
}

/* What the source says the name means, as it is written or, with -x, what it
 * comes to. */
static void
append_value(const struct show *show, struct span name, struct span value)
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
	buf_append_span(show->out, value);
	buf_finish(&expanded);
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

void
show_parameter(const struct show *show, struct span name)
{
	struct pool *pool = pool_create(NULL, "parameter", POOL_NO_MAXIMUM);
	struct span value;

	if (!param_get(show->source, pool, name, &value)) {
		warn_unknown(show, name);
	} else {
		if (!show->is_value_only) {
			buf_append_span(show->out, name);
			buf_append_text(
			    show->out, value.len > 0 ? " = " : " =");
		}
		append_value(show, name, value);
		buf_append_byte(show->out, '\n');
	}
	pool_destroy(pool);
}

void
show_all(const struct show *show)
{
	const struct param_set *const *sets = catalogue_sets();
	const struct config_entry *entry;
	struct name_list list = {.count = 0};
	size_t count;
	const struct known *known = known_all(&count);

	for (size_t i = 0; i < count; i++)
		add_name(&list, span_text(known[i].name));
	for (; *sets != NULL; sets++)
		for (size_t i = 0; i < (*sets)->count; i++)
			add_name(&list, span_text((*sets)->specs[i].name));
	for (entry = config_first(show->source->config); entry != NULL;
	     entry = entry->next)
		add_name(&list, entry->name);
	show_names(show, &list);
}

struct unused_work {
	const struct show *show;
	struct name_list list;
};

static bool
is_known(void *argument UNUSED, struct span name)
{
	return catalogue_knows(name);
}

static void
note_unused(void *argument, const struct config_entry *entry)
{
	struct unused_work *work = argument;

	add_name(&work->list, entry->name);
	warnings_add(work->show->warnings, "%s: unused parameter: %.*s=%.*s",
	    entry->where, SPAN_ARGS(entry->name), SPAN_ARGS(entry->value));
}

static bool
list_has(const struct name_list *list, struct span name)
{
	for (size_t i = 0; i < list->count; i++)
		if (span_equal(list->names[i], name))
			return true;
	return false;
}

void
show_settings(const struct show *show, struct config *config)
{
	struct unused_work unused = {.show = show};
	struct name_list list = {.count = 0};
	const struct config_entry *entry;

	config_unused(config, is_known, note_unused, &unused);
	for (entry = config_first(config); entry != NULL; entry = entry->next)
		if (!list_has(&unused.list, entry->name))
			add_name(&list, entry->name);
	free(unused.list.names);
	show_names(show, &list);
}

static bool
matches(const struct master_service *service, struct span filter)
{
	struct span name;
	struct span type;

	if (filter.len == 0)
		return true;
	if (!span_split(filter, '/', &name, &type))
		return span_equal(service->name, filter);
	return span_equal(service->name, name) &&
	    span_equal(type, span_text(master_cf_type_name(service->type)));
}

/* The columns aligned as in a stock master.cf, then the arguments. */
static void
append_service(const struct master_service *service, struct buf *out)
{
	static const int widths[] = {10, 5, 7, 7, 7, 7, 7};
	struct span rest = service->text;
	struct span word;

	for (size_t i = 0; word_list_next_argument(&rest, &word); i++) {
		if (i > 0)
			buf_append_byte(out, ' ');
		buf_append_span(out, word);
		for (size_t len = word.len;
		     i < COUNT_OF(widths) && len < (size_t)widths[i]; len++)
			buf_append_byte(out, ' ');
	}
	buf_append_byte(out, '\n');
}

bool
show_services(
    const struct master_cf *master_cf, struct span filter, struct buf *out)
{
	bool found = false;

	for (size_t i = 0; i < master_cf->count; i++)
		if (matches(&master_cf->services[i], filter)) {
			append_service(&master_cf->services[i], out);
			found = true;
		}
	return found;
}
