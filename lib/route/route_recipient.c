/* SPDX-License-Identifier: MIT */
#include "lib/mail/mail_address.h"
#include "lib/route/address_find.h"
#include "lib/route/route_private.h"

/* The tables of valid recipients of a class; NULL: every one is. */
static struct table_list *
recipient_maps(const struct route *route, enum route_class class)
{
	switch (class) {
	case ROUTE_LOCAL:
		return route->local_recipient_maps;
	case ROUTE_VIRTUAL_MAILBOX:
		return route->virtual_mailbox_maps;
	case ROUTE_RELAY:
		return route->relay_recipient_maps;
	case ROUTE_VIRTUAL_ALIAS: /* virtual_alias_maps was asked before */
	case ROUTE_DEFAULT:
		break;
	}
	return NULL;
}

static enum table_result
ask(struct table_list *tables, const struct address_find_request *request,
    struct error *error)
{
	enum table_result result;
	struct buf value;

	buf_init(&value, ROUTE_VALUE_MAXIMUM);
	result = address_find(tables, request, &value, NULL, error);
	buf_finish(&value);
	return result;
}

/* Whether tables make another address of it, so that its own class does not
 * matter. */
static enum table_result
is_rewritten(struct route *route, const struct address_find_request *request,
    struct error *error)
{
	struct table_list *const tables[] = {route->recipient_canonical_maps,
	    route->canonical_maps, route->virtual_alias_maps};
	enum table_result result = TABLE_NOT_FOUND;

	for (size_t i = 0; i < COUNT_OF(tables) && result == TABLE_NOT_FOUND;
	     i++)
		result = ask(tables[i], request, error);
	return result;
}

enum table_result
route_recipient_known(
    struct route *route, const struct route_answer *answer, struct error *error)
{
	const struct address_find_request request = {
	    .params = route->common,
	    .address = answer->recipient,
	    .with_user = answer->class == ROUTE_LOCAL,
	    .with_domain = true,
	};
	struct table_list *tables = recipient_maps(route, answer->class);
	enum table_result result = is_rewritten(route, &request, error);

	if (result != TABLE_NOT_FOUND)
		return result;
	if (span_equal(answer->transport, SPAN("error")))
		return TABLE_NOT_FOUND;
	if (tables == NULL || table_list_is_empty(tables))
		return TABLE_FOUND;
	return ask(tables, &request, error);
}
