/* SPDX-License-Identifier: MIT */
#include "master/postern/difference.h"

#include "lib/base/memory.h"

#include "master/postconf/catalogue.h"
#include "master/postconf/service_line.h"
#include "master/process_table.h"

#define VALUE_MAXIMUM (1024 * 1024)

/* ---- values ---- */

/* What the name means, expanded; as it is written when that is impossible. */
static void
append_value(const struct reading *reading, struct span name, struct buf *out)
{
	struct pool *pool = pool_create(NULL, "value", POOL_NO_MAXIMUM);
	struct span value;

	if (param_get(reading->source, pool, name, &value) &&
	    (catalogue_is_raw(name) ||
		!param_expand(reading->source, value, out, NULL))) {
		buf_clear(out);
		buf_append_span(out, value);
	}
	pool_destroy(pool);
}

static void
append_users(struct span name, struct buf *out)
{
	const struct param_set *const *sets = catalogue_sets();
	bool is_first = true;

	for (; *sets != NULL; sets++) {
		if (param_find(*sets, name) == NULL)
			continue;
		buf_append_text(out, is_first ? " (" : ", ");
		buf_append_text(out, (*sets)->owner);
		is_first = false;
	}
	buf_append_text(out, is_first ? "" : ")");
}

static bool
append_parameter(const struct reading *before, const struct reading *after,
    struct span name, struct buf *out)
{
	struct buf old_value;
	struct buf new_value;
	bool is_changed;

	buf_init(&old_value, VALUE_MAXIMUM);
	buf_init(&new_value, VALUE_MAXIMUM);
	append_value(before, name, &old_value);
	append_value(after, name, &new_value);
	is_changed = !span_equal(buf_span(&old_value), buf_span(&new_value));
	if (is_changed) {
		buf_printf(out, "%.*s: \"%s\" -> \"%s\"", SPAN_ARGS(name),
		    buf_text(&old_value), buf_text(&new_value));
		append_users(name, out);
		buf_append_byte(out, '\n');
	}
	buf_finish(&old_value);
	buf_finish(&new_value);
	return is_changed;
}

/* ---- names ---- */

static int
compare_names(const void *a, const void *b)
{
	return span_compare(*(const struct span *)a, *(const struct span *)b);
}

static size_t
count_entries(const struct config *config)
{
	const struct config_entry *entry;
	size_t count = 0;

	for (entry = config_first(config); entry != NULL; entry = entry->next)
		count++;
	return count;
}

static size_t
add_entries(const struct config *config, struct span *names)
{
	const struct config_entry *entry;
	size_t count = 0;

	for (entry = config_first(config); entry != NULL; entry = entry->next)
		names[count++] = entry->name;
	return count;
}

/* Names that may differ: those that either file sets, and those that programs
 * use, whose defaults may be made of them. The caller frees the array. */
static struct span *
collect_names(
    const struct reading *before, const struct reading *after, size_t *count)
{
	const struct param_set *const *sets = catalogue_sets();
	size_t most = count_entries(before->source->config) +
	    count_entries(after->source->config);
	struct span *names;

	for (size_t i = 0; sets[i] != NULL; i++)
		most += sets[i]->count;
	names = memory_alloc((most + 1) * sizeof *names);
	*count = add_entries(before->source->config, names);
	*count += add_entries(after->source->config, names + *count);
	for (; *sets != NULL; sets++)
		for (size_t i = 0; i < (*sets)->count; i++)
			names[(*count)++] = span_text((*sets)->specs[i].name);
	qsort(names, *count, sizeof *names, compare_names);
	return names;
}

static bool
append_parameters(
    const struct reading *before, const struct reading *after, struct buf *out)
{
	bool is_changed = false;
	size_t count;
	struct span *names = collect_names(before, after, &count);

	for (size_t i = 0; i < count; i++)
		if ((i == 0 || !span_equal(names[i - 1], names[i])) &&
		    append_parameter(before, after, names[i], out))
			is_changed = true;
	free(names);
	return is_changed;
}

/* ---- services ---- */

static void
append_line(const struct master_service *service, struct buf *out)
{
	struct service_line line;

	must(service_line_split(service->text, &line));
	service_line_append(&line, NULL, false, out);
}

static bool
is_same(const struct master_service *a, const struct master_service *b)
{
	struct buf texts[2];
	bool same;

	buf_init(&texts[0], VALUE_MAXIMUM);
	buf_init(&texts[1], VALUE_MAXIMUM);
	append_line(a, &texts[0]);
	append_line(b, &texts[1]);
	same = span_equal(buf_span(&texts[0]), buf_span(&texts[1]));
	buf_finish(&texts[0]);
	buf_finish(&texts[1]);
	return same;
}

/* The lines of `from` that `to` does not have, each after `sign`. */
static bool
append_services(const struct master_cf *from, const struct master_cf *to,
    const char *sign, struct buf *out)
{
	bool found = false;

	for (size_t i = 0; i < from->count; i++) {
		const struct master_service *service = &from->services[i];
		const struct master_service *other =
		    master_cf_find(to, service->name, service->type);

		if (other != NULL && is_same(service, other))
			continue;
		buf_append_text(out, sign);
		append_line(service, out);
		found = true;
	}
	return found;
}

bool
difference_append(
    const struct reading *before, const struct reading *after, struct buf *out)
{
	bool values = append_parameters(before, after, out);
	bool gone =
	    append_services(before->master_cf, after->master_cf, "- ", out);
	bool come =
	    append_services(after->master_cf, before->master_cf, "+ ", out);

	return values || gone || come;
}

/* ---- processes ---- */

static bool
is_run(const struct master_cf *master_cf, const struct program *program)
{
	const struct program *found;

	if ((program->traits & PROGRAM_BUILT_IN) != 0)
		return true;
	for (size_t i = 0; i < master_cf->count; i++)
		if (process_table_find(
			master_cf->services[i].command, &found) == FATE_RUNS &&
		    found == program)
			return true;
	return false;
}

static void
append_programs(const struct master_cf *master_cf, const char *heading,
    bool stays, struct buf *out)
{
	size_t count;
	const struct program *programs = process_table_all(&count);
	bool is_first = true;

	for (size_t i = 0; i < count; i++) {
		if (((programs[i].traits & PROGRAM_STAYS) != 0) != stays ||
		    !is_run(master_cf, &programs[i]))
			continue;
		buf_append_text(out, is_first ? heading : " ");
		buf_append_text(out, programs[i].name);
		is_first = false;
	}
	buf_append_text(out, is_first ? "" : "\n");
}

void
difference_append_restarts(
    const struct master_cf *master_cf, bool is_changed, struct buf *out)
{
	append_programs(master_cf, "get new processes: ", false, out);
	append_programs(master_cf,
	    is_changed ? "get new processes, one after the other: "
		       : "keep their processes: ",
	    true, out);
}
