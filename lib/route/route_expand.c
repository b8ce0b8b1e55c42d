/* SPDX-License-Identifier: MIT */
#include "lib/base/hash.h"
#include "lib/base/memory.h"
#include "lib/mail/address_list.h"
#include "lib/mail/domain.h"
#include "lib/net/idna.h"
#include "lib/param/word_list.h"
#include "lib/route/address_complete.h"
#include "lib/route/address_find.h"
#include "lib/route/route_private.h"

enum {
	ADDRESS_MAXIMUM = 4096, /* bytes */
	MEMBER_MAXIMUM = 1000000
};

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

/* Whether an address is asked for by its local part alone, too. */
static enum table_result
is_of_our_own(
    struct expanding *expanding, struct span address, struct error *error)
{
	struct span domain = mail_address_split(address).domain;

	if (idna_is_same(domain, span_text(expanding->route->common->myorigin)))
		return TABLE_FOUND;
	return route_is_local(expanding->route, domain, error);
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
	enum table_result own = is_of_our_own(expanding, alias->address, error);
	const struct address_find_request request = {
	    .params = expanding->route->common,
	    .address = alias->address,
	    .with_user = own == TABLE_FOUND,
	    .with_domain = true,
	};

	if (own == TABLE_TRY_AGAIN)
		return own;
	return address_find(expanding->route->virtual_alias_maps, &request,
	    &expanding->value, &alias->extension, error);
}

static bool
propagates(const struct expanding *expanding)
{
	return word_list_has(
	    span_text(expanding->route->params->propagate_unmatched_extensions),
	    SPAN("virtual"));
}

/* The member as an address: "@there" means the same user there, and what is
 * left of the extension goes on with it. */
static bool
write_member(const struct expanding *expanding, const struct alias *alias,
    struct span member, struct buf *out)
{
	struct mail_address parts = mail_address_split(member);
	struct buf plain;
	bool written;

	buf_init(&plain, ADDRESS_MAXIMUM);
	if (parts.local.len == 0)
		buf_append_span(
		    &plain, mail_address_split(alias->address).local);
	buf_append_span(&plain, parts.local);
	if (parts.local.len > 0 && propagates(expanding))
		buf_append_span(&plain, alias->extension);
	if (parts.domain.len > 0)
		buf_printf(&plain, "@%.*s", SPAN_ARGS(parts.domain));
	written = !plain.overflowed &&
	    address_complete(expanding->route->common, buf_span(&plain), out);
	buf_finish(&plain);
	return written;
}

/* A member that is the alias itself is where mail ends; others go on. */
static bool
add_member(struct expanding *expanding, const struct alias *alias,
    struct span member, struct error *error)
{
	struct buf address;
	bool added;

	buf_init(&address, ADDRESS_MAXIMUM);
	if (!write_member(expanding, alias, member, &address))
		added = error_set(error, ERROR_LIMIT, "address too long");
	else if (!span_equal_fold(buf_span(&address), alias->address))
		added = add_step(
		    expanding, buf_span(&address), alias->depth + 1, error);
	else
		added = add_result(expanding, alias->address);
	buf_finish(&address);
	return added;
}

/* What an element of the value names; "@there" is no address elsewhere. */
static bool
read_member(enum address_list_result result,
    const struct address_list_entry *entry, struct span *member)
{
	*member = entry->address.text;
	if (result == ADDRESS_LIST_FOUND)
		return entry->address.text.len > 0;
	*member = span_trim(entry->source);
	return result == ADDRESS_LIST_BAD && span_starts(*member, SPAN("@")) &&
	    domain_is_hostname(span_skip(*member, 1), true, NULL);
}

static bool
add_members(
    struct expanding *expanding, const struct alias *alias, struct error *error)
{
	struct address_list list;
	struct address_list_entry entry;
	enum address_list_result result;
	struct span member;

	address_list_init(&list, buf_span(&expanding->value), MEMBER_MAXIMUM);
	while ((result = address_list_next(&list, expanding->pool, &entry,
		    error)) != ADDRESS_LIST_END) {
		if (!read_member(result, &entry, &member))
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
