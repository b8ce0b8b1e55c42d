/* SPDX-License-Identifier: MIT */
#include "lib/param/word_list.h"
#include "lib/route/address_find.h"
#include "lib/route/address_map.h"
#include "lib/route/masquerade.h"
#include "lib/route/route_private.h"

enum {
	CHAIN_MAXIMUM = 1000 /* addresses that lead from one to the next */
};

static const char *const place_names[] = {
    [ROUTE_ENVELOPE_SENDER] = "envelope_sender",
    [ROUTE_ENVELOPE_RECIPIENT] = "envelope_recipient",
    [ROUTE_HEADER_SENDER] = "header_sender",
    [ROUTE_HEADER_RECIPIENT] = "header_recipient",
};

/* The canonical tables in the order in which they are asked. */
static const struct canonical {
	const char *name;
	size_t maps;    /* offset in struct route */
	size_t classes; /* offset in struct route_params */
} canonicals[] = {

#define CANONICAL(name, classes)                           \
	{                                                  \
#name, offsetof(struct route, name),       \
		    offsetof(struct route_params, classes) \
	}
    CANONICAL(sender_canonical_maps, sender_canonical_classes),
    CANONICAL(recipient_canonical_maps, recipient_canonical_classes),
    CANONICAL(canonical_maps, canonical_classes),
#undef CANONICAL
};

static bool
is_in(const char *classes, enum route_place place)
{
	return word_list_has(span_text(classes), span_text(place_names[place]));
}

/* The tables for an address there, or NULL. */
static struct table_list *
tables_for(const struct route *route, const struct canonical *canonical,
    enum route_place place)
{
	struct table_list *maps;
	const char *classes;

	memcpy(&maps, (const char *)route + canonical->maps, sizeof maps);
	memcpy(&classes, (const char *)route->params + canonical->classes,
	    sizeof classes);
	return !table_list_is_empty(maps) && is_in(classes, place) ? maps
								   : NULL;
}

static bool
is_masqueraded(const struct route *route, enum route_place place)
{
	return route->params->masquerade_domains[0] != '\0' &&
	    is_in(route->params->masquerade_classes, place);
}

bool
route_rewrites(const struct route *route, enum route_place place)
{
	for (size_t i = 0; i < COUNT_OF(canonicals); i++)
		if (tables_for(route, &canonicals[i], place) != NULL)
			return true;
	return is_masqueraded(route, place);
}

/* An address on its way. */
struct rewriting {
	struct route *route;
	struct pool *pool;
	struct span address;
	struct buf value; /* of a table */
};

static bool
store(struct rewriting *rewriting, struct span address, struct error *error)
{
	return pool_copy_span(rewriting->pool, address, &rewriting->address) ||
	    error_set(error, ERROR_LIMIT, "no room for the address");
}

/* Puts the first address of the value in the place of the one that was asked
 * for. */
static bool
take_value(
    struct rewriting *rewriting, struct span extension, struct error *error)
{
	const struct address_map_source source = {
	    .params = rewriting->route->common,
	    .address = rewriting->address,
	    .extension = extension,
	};
	struct address_list list;
	struct span member;
	struct buf address;
	bool taken;

	address_list_init(&list, buf_span(&rewriting->value), 1);
	if (address_map_next(&list, rewriting->pool, &member, error) !=
	    ADDRESS_LIST_FOUND)
		return error_set(error, ERROR_INVALID,
		    "<%.*s>: the table has no address",
		    SPAN_ARGS(rewriting->address));
	buf_init(&address, ADDRESS_MAP_MAXIMUM);
	taken = (address_map_write(&source, member, &address) ||
		    error_set(error, ERROR_LIMIT, "the address is too long")) &&
	    store(rewriting, buf_span(&address), error);
	buf_finish(&address);
	return taken;
}

/* One table after another until an address stands for itself. */
static bool
map(struct rewriting *rewriting, struct table_list *maps, struct error *error)
{
	for (unsigned i = 0; i < CHAIN_MAXIMUM; i++) {
		const struct route_find find = {
		    maps, rewriting->address, SPAN("canonical")};
		struct span before = rewriting->address;
		struct span extension;

		switch (route_find(rewriting->route, &find, &rewriting->value,
		    &extension, error)) {
		case TABLE_NOT_FOUND:
			return true;
		case TABLE_TRY_AGAIN:
			return false;
		case TABLE_FOUND:
			break;
		}
		if (!take_value(rewriting, extension, error))
			return false;
		if (span_equal_fold(before, rewriting->address))
			return true;
	}
	return error_set(error, ERROR_LIMIT,
	    "canonical addresses lead in circles at <%.*s>",
	    SPAN_ARGS(rewriting->address));
}

static bool
masquerade(struct rewriting *rewriting, struct error *error)
{
	const struct route *route = rewriting->route;
	struct mail_address parts = mail_address_split(rewriting->address);
	struct span domain = masquerade_domain(
	    span_text(route->params->masquerade_domains), parts.domain);
	enum table_result result;
	const char *text;

	if (domain.len == parts.domain.len)
		return true;
	result =
	    domain_list_match(route->masquerade_exceptions, parts.local, error);
	if (result != TABLE_NOT_FOUND)
		return result == TABLE_FOUND;
	text = pool_printf(rewriting->pool, "%.*s@%.*s", SPAN_ARGS(parts.local),
	    SPAN_ARGS(domain));
	if (text == NULL)
		return error_set(error, ERROR_LIMIT, "no room for the address");
	rewriting->address = span_text(text);
	route_note(route, "masquerade_domains", rewriting->address);
	return true;
}

bool
route_rewrite(struct route *route, struct pool *pool, enum route_place place,
    struct span address, struct span *out, struct error *error)
{
	struct rewriting rewriting = {
	    .route = route, .pool = pool, .address = address};
	bool rewritten = true;

	*out = address;
	if (address.len == 0 || !route_rewrites(route, place))
		return true;
	buf_init(&rewriting.value, ROUTE_VALUE_MAXIMUM);
	for (size_t i = 0; i < COUNT_OF(canonicals) && rewritten; i++) {
		struct span before = rewriting.address;
		struct table_list *maps =
		    tables_for(route, &canonicals[i], place);

		rewritten = maps == NULL || map(&rewriting, maps, error);
		if (rewritten && rewriting.address.at != before.at)
			route_note(
			    route, canonicals[i].name, rewriting.address);
	}
	if (rewritten && is_masqueraded(route, place))
		rewritten = masquerade(&rewriting, error);
	buf_finish(&rewriting.value);
	*out = rewriting.address;
	return rewritten;
}

bool
route_find_copy(struct route *route, struct pool *pool, enum route_copy whose,
    struct span address, struct span *copy, struct error *error)
{
	const struct route_find find = {
	    .maps = whose == ROUTE_COPY_SENDER ? route->sender_bcc_maps
					       : route->recipient_bcc_maps,
	    .address = address,
	};
	enum table_result result;
	struct buf value;

	*copy = SPAN_EMPTY;
	if (address.len == 0 || table_list_is_empty(find.maps))
		return true;
	buf_init(&value, ADDRESS_MAP_MAXIMUM);
	result = route_find(route, &find, &value, NULL, error);
	if (result == TABLE_FOUND &&
	    !pool_copy_span(pool, span_trim(buf_span(&value)), copy)) {
		(void)error_set(error, ERROR_LIMIT, "no room for the address");
		result = TABLE_TRY_AGAIN;
	}
	buf_finish(&value);
	return result != TABLE_TRY_AGAIN;
}
