/* SPDX-License-Identifier: MIT */
#include "lib/param/param.h"

#include "lib/param/common.h"
#include "lib/param/computed.h"
#include "lib/param/known.h"
#include "lib/param/param_value.h"

#define VALUE_MAXIMUM (1024 * 1024) /* bytes of an expanded value */

/* myhostname may be made of mydomain, mydomain of myhostname: computing one
 * inside the other ends here. */
#define COMPUTING_MAXIMUM 3

struct resolver {
	const struct param_source *source;
	const struct param_set *set; /* being loaded, or NULL */
	struct pool *pool;
	struct expand_names names;
	unsigned computing;
	bool is_circular; /* that limit was reached */
};

const struct param_spec *
param_find(const struct param_set *set, struct span name)
{
	for (size_t i = 0; i < set->count; i++)
		if (span_equal(name, span_text(set->specs[i].name)))
			return &set->specs[i];
	return NULL;
}

/* The spec of `name` in the set being loaded, the sets of the source or the
 * common one. */
static const struct param_spec *
find_spec(const struct resolver *resolver, struct span name)
{
	const struct param_set *const *sets = resolver->source->sets;
	const struct param_spec *spec = NULL;

	if (resolver->set != NULL)
		spec = param_find(resolver->set, name);
	for (; spec == NULL && sets != NULL && *sets != NULL; sets++)
		spec = param_find(*sets, name);
	return spec != NULL ? spec : param_find(&common_param_set, name);
}

static bool
find_default(
    const struct resolver *resolver, struct span name, struct span *value)
{
	const struct param_spec *spec = find_spec(resolver, name);
	const struct known *known;

	if (spec != NULL) {
		*value = span_text(spec->default_text);
		return value->len == 0 || value->at[0] != '(';
	}
	known = known_find(name);
	if (known != NULL)
		*value = span_text(known->default_text);
	return known != NULL;
}

static bool
resolve(void *argument, struct span name, struct span *value)
{
	struct resolver *resolver = argument;
	bool is_computed;

	if (config_get(resolver->source->config, name, value))
		return true;
	if (!computed_has(name))
		return find_default(resolver, name, value);
	if (resolver->computing == COMPUTING_MAXIMUM) {
		resolver->is_circular = true;
		return false;
	}
	resolver->computing++;
	is_computed = computed_get(
	    resolver->source, &resolver->names, resolver->pool, name, value);
	resolver->computing--;
	return is_computed;
}

/* expand_text with what it cannot see: circles through computed values. */
static bool
resolver_expand(struct resolver *resolver, struct span text, struct buf *out,
    struct error *error)
{
	if (!expand_text(text, &resolver->names, out, error))
		return false;
	return !resolver->is_circular ||
	    error_set(error, ERROR_INVALID,
		"myhostname and mydomain are made of each other");
}

static void
note_undefined(void *argument, struct span name)
{
	const struct resolver *resolver = argument;

	warnings_add(resolver->source->warnings, "undefined parameter: %.*s",
	    SPAN_ARGS(name));
}

static void
resolver_init(struct resolver *resolver, const struct param_source *source,
    struct pool *pool)
{
	*resolver = (struct resolver){
	    .source = source,
	    .pool = pool,
	    .names = {.find = resolve,
		.undefined = note_undefined,
		.argument = resolver},
	};
}

bool
param_get(const struct param_source *source, struct pool *pool,
    struct span name, struct span *value)
{
	struct resolver resolver;

	resolver_init(&resolver, source, pool);
	return resolve(&resolver, name, value);
}

bool
param_expand(const struct param_source *source, struct span text,
    struct buf *out, struct error *error)
{
	struct pool *pool = pool_create(NULL, "expansion", POOL_NO_MAXIMUM);
	struct resolver resolver;
	bool good;

	resolver_init(&resolver, source, pool);
	good = resolver_expand(&resolver, text, out, error);
	pool_destroy(pool);
	return good;
}

bool
param_check(
    const struct param_spec *spec, struct span value, struct error *error)
{
	struct param_value parsed;

	return param_value_parse(spec, value, &parsed, error);
}

/* Puts place, name and value before what was expected. */
static bool
blame(const struct param_spec *spec, const struct param_source *source,
    struct span value, struct error *error)
{
	const struct config_entry *entry =
	    config_find(source->config, span_text(spec->name));

	value = span_head(value, 60);
	if (entry == NULL)
		return error_prefix(
		    error, "default of %s: %.*s", spec->name, SPAN_ARGS(value));
	return error_prefix(
	    error, "%s: %s = %.*s", entry->where, spec->name, SPAN_ARGS(value));
}

/* `text` is the value as it is written; NULL `params` only checks it. */
static bool
load_value(const struct param_spec *spec, struct resolver *resolver,
    struct span text, void *params, struct error *error)
{
	struct param_value value;
	struct buf expanded;
	bool good = true;

	buf_init(&expanded, VALUE_MAXIMUM);
	if (spec->type != PARAM_RAW) {
		good = resolver_expand(resolver, text, &expanded, error);
		if (good)
			text = buf_span(&expanded);
	}
	if (!good || !param_value_parse(spec, text, &value, error))
		good = blame(spec, resolver->source, text, error);
	else if (params != NULL &&
	    !param_value_store(spec, &value, params, resolver->pool))
		good =
		    error_set(error, ERROR_LIMIT, "no room for %s", spec->name);
	buf_finish(&expanded);
	return good;
}

/* The spec of `name`, which ends with a suffix, by its default's in the set;
 * false when that is not there. */
static bool
find_service_spec(const struct param_set *set, const char *name,
    const char *suffix, struct param_spec *spec)
{
	const struct param_spec *base =
	    param_find(set, known_suffix_default(suffix));

	if (base == NULL)
		return false;
	*spec = *base;
	spec->name = name;
	return true;
}

static bool
check_service_values(struct resolver *resolver, struct error *error)
{
	const struct config_entry *entry;

	for (entry = config_first(resolver->source->config); entry != NULL;
	     entry = entry->next) {
		const char *suffix = known_service_suffix(entry->name);
		struct param_spec spec;
		const char *name;

		if (suffix == NULL || find_spec(resolver, entry->name) != NULL)
			continue;
		name = pool_copy(resolver->pool, entry->name);
		if (name == NULL)
			return error_set(error, ERROR_LIMIT, "no room");
		if (find_service_spec(resolver->set, name, suffix, &spec) &&
		    !load_value(&spec, resolver, entry->value, NULL, error))
			return false;
	}
	return true;
}

bool
param_load_service(const struct param_set *set,
    const struct param_source *source, struct span service, void *params,
    struct pool *pool, struct error *error)
{
	struct resolver resolver;
	const char *suffix;

	resolver_init(&resolver, source, pool);
	resolver.set = set;
	for (size_t i = 0; (suffix = known_suffix(i)) != NULL; i++) {
		const char *name =
		    pool_printf(pool, "%.*s%s", SPAN_ARGS(service), suffix);
		struct param_spec spec;
		struct span text;

		if (name == NULL)
			return error_set(error, ERROR_LIMIT, "no room");
		if (find_service_spec(set, name, suffix, &spec) &&
		    resolve(&resolver, span_text(name), &text) &&
		    !load_value(&spec, &resolver, text, params, error))
			return false;
	}
	return true;
}

bool
param_load(const struct param_set *set, const struct param_source *source,
    void *params, struct pool *pool, struct error *error)
{
	struct resolver resolver;

	resolver_init(&resolver, source, pool);
	resolver.set = set;
	for (size_t i = 0; i < set->count; i++) {
		const struct param_spec *spec = &set->specs[i];
		struct span text;

		if (!resolve(&resolver, span_text(spec->name), &text))
			return error_set(error, ERROR_INVALID,
			    "%s cannot be computed", spec->name);
		if (!load_value(spec, &resolver, text, params, error))
			return false;
	}
	return check_service_values(&resolver, error);
}
