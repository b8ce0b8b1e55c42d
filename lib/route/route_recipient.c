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
	enum table_result result =
	    ask(route->virtual_alias_maps, &request, error);

	if (result != TABLE_NOT_FOUND)
		return result;
	if (answer->class == ROUTE_VIRTUAL_ALIAS)
		return TABLE_NOT_FOUND;
	if (tables == NULL || table_list_is_empty(tables))
		return TABLE_FOUND;
	return ask(tables, &request, error);
}
