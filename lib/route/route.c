/* SPDX-License-Identifier: MIT */
#include "lib/base/memory.h"
#include "lib/mail/domain.h"
#include "lib/mail/mail_address.h"
#include "lib/net/idna.h"
#include "lib/param/word_list.h"
#include "lib/route/address_find.h"
#include "lib/route/route_private.h"

/* A parameter that is a list of domains, and where it goes. */
static const struct domains {
	const char *name;
	size_t text;  /* offset in struct common_params */
	size_t field; /* offset in struct route */
	bool has_patterns;
} all_domains[] = {

#define DOMAINS(name, has_patterns)                            \
	{                                                      \
#name, offsetof(struct common_params, name),   \
		    offsetof(struct route, name), has_patterns \
	}
    DOMAINS(mydestination, false),
    DOMAINS(virtual_alias_domains, false),
    DOMAINS(virtual_mailbox_domains, false),
    DOMAINS(relay_domains, true),
#undef DOMAINS
};

/* A parameter that is a list of tables, and where it goes. */
static const struct maps {
	const char *name;
	bool is_common; /* in struct common_params, or in route_params */
	size_t text;
	size_t field;
} all_maps[] = {

#define MAPS(name, is_common, params)                            \
	{                                                        \
#name, is_common, offsetof(struct params, name), \
		    offsetof(struct route, name)                 \
	}
    MAPS(local_recipient_maps, true, common_params),
    MAPS(virtual_alias_maps, true, common_params),
    MAPS(virtual_mailbox_maps, true, common_params),
    MAPS(relay_recipient_maps, true, common_params),
    MAPS(transport_maps, true, common_params),
    MAPS(canonical_maps, false, route_params),
    MAPS(sender_canonical_maps, false, route_params),
    MAPS(recipient_canonical_maps, false, route_params),
    MAPS(sender_bcc_maps, false, route_params),
    MAPS(recipient_bcc_maps, false, route_params),
    MAPS(relocated_maps, false, route_params),
    MAPS(sender_dependent_relayhost_maps, false, route_params),
    MAPS(sender_dependent_default_transport_maps, false, route_params),
#undef MAPS
};
_Static_assert(COUNT_OF(all_maps) == ROUTE_MAPS, "each has a hook");

static const char *
value_at(const void *params, size_t offset)
{
	const char *value;

	memcpy(&value, (const char *)params + offset, sizeof value);
	return value;
}

static struct span
text_at(const void *params, size_t offset)
{
	return span_text(value_at(params, offset));
}

static struct domain_list **
domains_of(struct route *route, const struct domains *domains)
{
	return (struct domain_list **)(void *)((char *)route + domains->field);
}

static struct table_list **
maps_of(struct route *route, const struct maps *maps)
{
	return (struct table_list **)(void *)((char *)route + maps->field);
}

static bool
has_parents(const struct common_params *common, const char *name)
{
	return word_list_has(
	    span_text(common->parent_domain_matches_subdomains),
	    span_text(name));
}

static bool
open_domains(struct route *route, const struct domains *domains,
    const struct table_options *options, struct error *error)
{
	enum domain_list_reach reach = DOMAIN_LIST_EXACT;
	struct domain_list **list = domains_of(route, domains);

	if (domains->has_patterns)
		reach = has_parents(route->common, domains->name)
		    ? DOMAIN_LIST_PARENT
		    : DOMAIN_LIST_DOTTED;
	*list = domain_list_open(
	    text_at(route->common, domains->text), reach, options, error);
	return *list != NULL || error_prefix(error, "%s", domains->name);
}

static bool
open_maps(struct route *route, const struct maps *maps,
    const struct table_options *options, struct error *error)
{
	struct span text = maps->is_common ? text_at(route->common, maps->text)
					   : text_at(route->params, maps->text);
	struct table_list **list = maps_of(route, maps);

	*list = table_list_open(
	    text, route->common->default_database_type, options, error);
	return *list != NULL || error_prefix(error, "%s", maps->name);
}

static bool
open_exceptions(struct route *route, const struct table_options *options,
    struct error *error)
{
	route->masquerade_exceptions =
	    domain_list_open(span_text(route->params->masquerade_exceptions),
		DOMAIN_LIST_EXACT, options, error);
	return route->masquerade_exceptions != NULL ||
	    error_prefix(error, "masquerade_exceptions");
}

struct route *
route_open(const struct route_source *source, struct error *error)
{
	struct route *route = memory_zero(sizeof *route);
	bool opened = true;

	route->common = source->common;
	route->params = source->params;
	route->transport_parents =
	    has_parents(source->common, "transport_maps");
	own_address_collect(&route->own_addresses, source->host,
	    span_text(source->common->inet_interfaces),
	    span_text(source->common->proxy_interfaces));
	for (size_t i = 0; i < COUNT_OF(all_domains) && opened; i++)
		opened = open_domains(
		    route, &all_domains[i], source->options, error);
	for (size_t i = 0; i < COUNT_OF(all_maps) && opened; i++)
		opened = open_maps(route, &all_maps[i], source->options, error);
	if (opened && open_exceptions(route, source->options, error))
		return route;
	route_close(route);
	return NULL;
}

void
route_each_value(
    const struct route_source *source, void (*visit)(const char *value))
{
	for (size_t i = 0; i < COUNT_OF(all_domains); i++)
		visit(value_at(source->common, all_domains[i].text));
	for (size_t i = 0; i < COUNT_OF(all_maps); i++)
		visit(value_at(all_maps[i].is_common
			? (const void *)source->common
			: (const void *)source->params,
		    all_maps[i].text));
}

void
route_close(struct route *route)
{
	if (route == NULL)
		return;
	for (size_t i = 0; i < COUNT_OF(all_domains); i++)
		domain_list_close(*domains_of(route, &all_domains[i]));
	for (size_t i = 0; i < COUNT_OF(all_maps); i++)
		table_list_close(*maps_of(route, &all_maps[i]));
	domain_list_close(route->masquerade_exceptions);
	free(route);
}

bool
route_has_changed(const struct route *route, const char **name)
{
	/* The accessors write nothing. */
	struct route *own = (struct route *)(uintptr_t)route;

	for (size_t i = 0; i < COUNT_OF(all_domains); i++)
		if (domain_list_has_changed(
			*domains_of(own, &all_domains[i]), name))
			return true;
	for (size_t i = 0; i < COUNT_OF(all_maps); i++)
		if (table_list_has_changed(*maps_of(own, &all_maps[i]), name))
			return true;
	return domain_list_has_changed(own->masquerade_exceptions, name);
}

static void
tell_row(void *owner, const char *table, struct span key, struct span value)
{
	const struct route_hook *hook = owner;
	const struct route_trace *trace = hook->route->trace;

	trace->row(trace->owner, hook->parameter, table, key, value);
}

void
route_explain(struct route *route, const struct route_trace *trace)
{
	route->trace = trace;
	for (size_t i = 0; i < COUNT_OF(all_maps); i++) {
		struct route_hook *hook = &route->hooks[i];

		*hook = (struct route_hook){
		    route, all_maps[i].name, {tell_row, hook}};
		table_list_observe(*maps_of(route, &all_maps[i]),
		    trace == NULL ? NULL : &hook->observer);
	}
}

enum table_result
route_is_local(struct route *route, struct span domain, struct error *error)
{
	struct address address;
	struct span ip;
	enum table_result result =
	    domain_list_match(route->mydestination, domain, error);

	if (result != TABLE_NOT_FOUND || !domain_is_literal(domain, &ip))
		return result;
	if (address_parse_ip(ip, 0, &address) &&
	    own_address_has(&route->own_addresses, &address))
		return TABLE_FOUND;
	return TABLE_NOT_FOUND;
}

/* Whether an address is asked for by its local part alone, too. */
static enum table_result
is_of_our_own(struct route *route, struct span domain, struct error *error)
{
	if (idna_is_same(domain, span_text(route->common->myorigin)))
		return TABLE_FOUND;
	return route_is_local(route, domain, error);
}

static bool
propagates(const struct route *route, struct span kind)
{
	return word_list_has(
	    span_text(route->params->propagate_unmatched_extensions), kind);
}

enum table_result
route_find(struct route *route, const struct route_find *find,
    struct buf *value, struct span *extension, struct error *error)
{
	struct address_find_request request = {
	    .params = route->common,
	    .address = find->address,
	    .with_domain = true,
	};
	enum table_result result;

	buf_clear(value);
	if (table_list_is_empty(find->maps))
		return TABLE_NOT_FOUND;
	result = is_of_our_own(
	    route, mail_address_split(find->address).domain, error);
	if (result == TABLE_TRY_AGAIN)
		return result;
	request.with_user = result == TABLE_FOUND;
	result = address_find(find->maps, &request, value, extension, error);
	if (extension != NULL && !propagates(route, find->propagation))
		*extension = SPAN_EMPTY;
	return result;
}
