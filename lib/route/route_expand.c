/* SPDX-License-Identifier: MIT */
#include "lib/base/hash.h"
#include "lib/base/memory.h"
#include "lib/route/address_find.h"
#include "lib/route/address_map.h"
#include "lib/route/route_private.h"

/* An address that was met on the way. */
struct step {
	struct span address;
	size_t depth; /* aliases that led here */
};

/* One run of route_expand_virtual: the steps are the addresses in the order in
 * which they were met, each once, so that no loop of aliases can last. */
struct expanding {
	struct route *route;
	struct pool *pool;
	struct hash *met; /* folded addresses */
	struct step *steps;
	size_t step_count;
	struct span *results;
	size_t result_count;
	struct buf value; /* of the table */
};

static bool
no_room(struct error *error)
{
	return error_set(error, ERROR_LIMIT, "no room for the virtual aliases");
}

static bool
add_step(struct expanding *expanding, struct span address, size_t depth,
    struct error *error)
{
	struct step step = {.depth = depth};
	struct span folded;

	if (!pool_copy_span(expanding->pool, address, &step.address) ||
	    !mail_address_fold(expanding->pool, address, &folded))
		return no_room(error);
	if (hash_put(expanding->met, folded, expanding) != NULL)
		return true;
	if ((int64_t)expanding->step_count >=
		expanding->route->params->virtual_alias_expansion_limit ||
	    (int64_t)depth >
		expanding->route->params->virtual_alias_recursion_limit)
		return error_set(error, ERROR_LIMIT,
		    "virtual aliases of <%.*s> pass a limit",
		    SPAN_ARGS(expanding->steps[0].address));
	expanding->steps = memory_resize(expanding->steps,
	    (expanding->step_count + 1) * sizeof *expanding->steps);
	expanding->steps[expanding->step_count++] = step;
	return true;
}

/* Once is enough: an alias may name itself twice. */
static bool
add_result(struct expanding *expanding, struct span address)
{
	for (size_t i = 0; i < expanding->result_count; i++)
		if (expanding->results[i].at == address.at)
			return true;
	expanding->results = memory_resize(expanding->results,
	    (expanding->result_count + 1) * sizeof *expanding->results);
	expanding->results[expanding->result_count++] = address;
	return true;
}

/* An alias that is being read. */
struct alias {
	struct span address;   /* what was asked for */
	struct span extension; /* its part that was no part of the key */
	size_t depth;
};

static enum table_result
look_up(struct expanding *expanding, struct alias *alias, struct error *error)
{
	const struct route_find find = {
	    .maps = expanding->route->virtual_alias_maps,
	    .address = alias->address,
	    .propagation = SPAN("virtual"),
	};

	return route_find(expanding->route, &find, &expanding->value,
	    &alias->extension, error);
}

/* A member that is the alias itself is where mail ends; others go on. */
static bool
take_address(struct expanding *expanding, const struct alias *alias,
    struct span address, struct error *error)
{
	if (span_equal_fold(address, alias->address))
		return add_result(expanding, alias->address);
	return add_step(expanding, address, alias->depth + 1, error);
}

static bool
add_member(struct expanding *expanding, const struct alias *alias,
    struct span member, struct error *error)
{
	const struct address_map_source source = {
	    .params = expanding->route->common,
	    .address = alias->address,
	    .extension = alias->extension,
	};
	size_t limit =
	    (size_t)
		expanding->route->params->virtual_alias_address_length_limit;
	struct buf address;
	bool added;

	buf_init(&address, ADDRESS_MAP_MAXIMUM);
	if (!address_map_write(&source, member, &address) ||
	    address.len > limit)
		added = error_set(error, ERROR_LIMIT,
		    "a virtual alias of <%.*s> is too long",
		    SPAN_ARGS(alias->address));
	else
		added =
		    take_address(expanding, alias, buf_span(&address), error);
	buf_finish(&address);
	return added;
}

static bool
add_members(
    struct expanding *expanding, const struct alias *alias, struct error *error)
{
	struct address_list list;
	enum address_list_result result;
	struct span member;

	address_list_init(
	    &list, buf_span(&expanding->value), ADDRESS_MAP_MEMBERS);
	while ((result = address_map_next(&list, expanding->pool, &member,
		    error)) != ADDRESS_LIST_END) {
		if (result != ADDRESS_LIST_FOUND)
			return error_prefix(error, "virtual alias of <%.*s>",
			    SPAN_ARGS(alias->address));
		if (!add_member(expanding, alias, member, error))
			return false;
	}
	return true;
}

static bool
expand_step(
    struct expanding *expanding, const struct step *step, struct error *error)
{
	struct alias alias = {.address = step->address, .depth = step->depth};

	switch (look_up(expanding, &alias, error)) {
	case TABLE_NOT_FOUND:
		return add_result(expanding, step->address);
	case TABLE_FOUND:
		return add_members(expanding, &alias, error);
	case TABLE_TRY_AGAIN:
		break;
	}
	return false;
}

static bool
expand(struct expanding *expanding, struct span recipient, struct error *error)
{
	if (!add_step(expanding, recipient, 0, error))
		return false;
	for (size_t i = 0; i < expanding->step_count; i++) {
		/* The array moves while it grows. */
		const struct step step = expanding->steps[i];

		if (!expand_step(expanding, &step, error))
			return false;
	}
	if (expanding->result_count == 0)
		return error_set(error, ERROR_LIMIT,
		    "the virtual aliases of <%.*s> lead nowhere",
		    SPAN_ARGS(recipient));
	return true;
}

bool
route_expand_virtual(struct route *route, struct pool *pool,
    struct span recipient, struct route_expansion *expansion,
    struct error *error)
{
	struct expanding expanding = {
	    .route = route, .pool = pool, .met = hash_create()};
	size_t size;
	bool expanded;

	buf_init(&expanding.value, ROUTE_VALUE_MAXIMUM);
	expanded = expand(&expanding, recipient, error);
	size = expanding.result_count * sizeof *expanding.results;
	if (expanded) {
		expansion->count = expanding.result_count;
		expansion->recipients = pool_alloc(pool, size);
		expanded = expansion->recipients != NULL || no_room(error);
	}
	if (expanded)
		memcpy(expansion->recipients, expanding.results, size);
	buf_finish(&expanding.value);
	hash_destroy(expanding.met);
	free(expanding.steps);
	free(expanding.results);
	return expanded;
}
