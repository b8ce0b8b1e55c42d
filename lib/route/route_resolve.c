/* SPDX-License-Identifier: MIT */
#include "lib/base/text.h"
#include "lib/mail/domain.h"
#include "lib/mail/mail_address.h"
#include "lib/net/idna.h"
#include "lib/route/address_complete.h"
#include "lib/route/address_find.h"
#include "lib/route/route_private.h"
#include "lib/route/transport.h"

enum {
	RECIPIENT_MAXIMUM = 4096 /* bytes, completed */
};

/* One run of route_resolve. */
struct resolving {
	struct route *route;
	const struct route_query *query;
	struct route_answer *answer;
	struct buf recipient;    /* complete */
	struct buf scratch;      /* the next recipient in the making, a value */
	struct buf value;        /* of transport_maps */
	struct buf relayhost;    /* that of the sender */
	struct buf relocated;    /* where the recipient is now */
	struct buf by_sender;    /* transport of the sender */
	struct transport choice; /* borrows from these and the parameters */
};

static struct span
domain_of(const struct resolving *resolving)
{
	return mail_address_split(buf_span(&resolving->recipient)).domain;
}

/* Puts the complete form of `address`, which may be a part of the recipient,
 * in its place. */
static bool
set_recipient(
    struct resolving *resolving, struct span address, struct error *error)
{
	const struct common_params *common = resolving->route->common;
	struct buf *scratch = &resolving->scratch;
	struct mail_address parts;
	struct address ip;

	buf_clear(scratch);
	if (!address_complete(common, address, scratch))
		return error_set(error, ERROR_LIMIT, "the address is too long");
	parts = mail_address_split(buf_span(scratch));
	buf_clear(&resolving->recipient);
	buf_append_span(&resolving->recipient, parts.local);
	if (common->resolve_null_domain && parts.domain.len == 0)
		buf_printf(&resolving->recipient, "@%s", common->myhostname);
	else if (common->resolve_numeric_domain &&
	    address_parse_ip(parts.domain, 0, &ip) &&
	    address_bytes(&ip).len == 4)
		buf_printf(
		    &resolving->recipient, "@[%.*s]", SPAN_ARGS(parts.domain));
	else if (parts.local.len < parts.text.len)
		buf_printf(
		    &resolving->recipient, "@%.*s", SPAN_ARGS(parts.domain));
	return !resolving->recipient.overflowed ||
	    error_set(error, ERROR_LIMIT, "the address is too long");
}

/* Whether a local part itself says where the mail shall go. */
static bool
is_routed(const struct common_params *common, struct span local)
{
	static const char marks[] = {'@', '%', '!'};
	const bool enabled[] = {common->resolve_dequoted_address,
	    common->allow_percent_hack, common->swap_bangpath};

	for (size_t i = 0; i < COUNT_OF(marks); i++)
		if (enabled[i] && span_find(local, marks[i]) < local.len)
			return true;
	return false;
}

/* Takes the domain, which is ours, off an address whose local part says where
 * to go; *turned: it made a shorter local part. What makes none ("user%") stays
 * as it is. */
static bool
take_off_domain(struct resolving *resolving, bool *turned, struct error *error)
{
	struct mail_address before =
	    mail_address_split(buf_span(&resolving->recipient));
	struct buf copy;
	bool done;

	buf_init(&copy, RECIPIENT_MAXIMUM);
	must(buf_append_span(&copy, before.text));
	done = set_recipient(resolving, before.local, error);
	*turned = done &&
	    mail_address_split(buf_span(&resolving->recipient)).local.len <
		before.local.len;
	if (done && !*turned) {
		buf_clear(&resolving->recipient);
		must(buf_append_span(&resolving->recipient, buf_span(&copy)));
	}
	buf_finish(&copy);
	return done;
}

/* user%there@here goes to user@there when `here` is this system. */
static enum table_result
turn_round(struct resolving *resolving, struct error *error)
{
	enum table_result result;
	bool turned;

	do {
		struct mail_address parts =
		    mail_address_split(buf_span(&resolving->recipient));

		turned = false;
		result = route_is_local(resolving->route, parts.domain, error);
		if (!is_routed(resolving->route->common, parts.local))
			break;
		resolving->answer->is_routed = true;
		if (result == TABLE_FOUND &&
		    !take_off_domain(resolving, &turned, error))
			return TABLE_TRY_AGAIN;
	} while (turned);
	return result;
}

struct class_rule {
	enum route_class class;
	const char *parameter;
	size_t list; /* offset in struct route */
};

static const struct class_rule class_rules[] = {
#define CLASS(class, parameter)                                      \
	{                                                            \
		class, #parameter, offsetof(struct route, parameter) \
	}
    CLASS(ROUTE_VIRTUAL_ALIAS, virtual_alias_domains),
    CLASS(ROUTE_VIRTUAL_MAILBOX, virtual_mailbox_domains),
    CLASS(ROUTE_RELAY, relay_domains),
#undef CLASS
};

static bool
find_class(struct resolving *resolving, struct error *error)
{
	enum table_result result = turn_round(resolving, error);
	const char *parameter = "mydestination";

	resolving->answer->class = ROUTE_LOCAL;
	for (size_t i = 0;
	     i < COUNT_OF(class_rules) && result == TABLE_NOT_FOUND; i++) {
		struct domain_list *list;

		memcpy(&list,
		    (const char *)resolving->route + class_rules[i].list,
		    sizeof list);
		result = domain_list_match(list, domain_of(resolving), error);
		resolving->answer->class = class_rules[i].class;
		parameter = class_rules[i].parameter;
	}
	if (result == TABLE_NOT_FOUND)
		resolving->answer->class = ROUTE_DEFAULT;
	else
		route_note(resolving->route, parameter, domain_of(resolving));
	return result != TABLE_TRY_AGAIN;
}

/* What depends on the sender: tables, and what they are asked for in place of
 * the null one. */
struct by_sender {
	const char *parameter;
	struct table_list *maps;
	const char *null_key;
};

/* Replaces *choice by what the tables have for the sender, if anything. */
static bool
ask_for_sender(struct resolving *resolving, const struct by_sender *by,
    struct buf *value, struct span *choice, struct error *error)
{
	const struct address_find_request find = {
	    .params = resolving->route->common,
	    .address = resolving->query->sender,
	    .with_domain = true,
	};
	enum table_result result;

	if (find.address.len > 0)
		result = address_find(by->maps, &find, value, NULL, error);
	else
		result = table_list_get(
		    by->maps, span_text(by->null_key), value, error);
	if (result == TABLE_FOUND && value->len > 0 &&
	    !span_equal_fold(buf_span(value), SPAN("DUNNO"))) {
		*choice = buf_span(value);
		route_note(resolving->route, by->parameter, *choice);
	}
	return result != TABLE_TRY_AGAIN;
}

/* The transport, perhaps with its next hop, that a parameter names. */
static void
choose_transport(
    struct resolving *resolving, const char *parameter, struct span value)
{
	resolving->choice = transport_parse(value);
	route_note(resolving->route, parameter, value);
}

/* For mail to other systems: relayhost takes the place of the domain. */
static bool
choose_relayhost(struct resolving *resolving, struct error *error)
{
	struct route *route = resolving->route;
	const struct by_sender by = {"sender_dependent_relayhost_maps",
	    route->sender_dependent_relayhost_maps,
	    route->params->empty_address_relayhost_maps_lookup_key};
	struct span configured = span_text(route->common->relayhost);
	struct span relayhost = configured;

	if (!ask_for_sender(
		resolving, &by, &resolving->relayhost, &relayhost, error))
		return false;
	if (resolving->choice.next_hop.len > 0)
		return true;
	resolving->choice.next_hop = relayhost;
	if (relayhost.at == configured.at && relayhost.len > 0)
		route_note(route, "relayhost", relayhost);
	return true;
}

static bool
choose_local(struct resolving *resolving, struct error *error UNUSED)
{
	choose_transport(resolving, "local_transport",
	    span_text(resolving->route->common->local_transport));
	return true;
}

static bool
choose_virtual_alias(struct resolving *resolving, struct error *error UNUSED)
{
	resolving->choice = (struct transport){SPAN("error"),
	    resolving->route->common->show_user_unknown_table_name
		? SPAN("5.1.1 User unknown in virtual alias table")
		: SPAN("5.1.1 User unknown")};
	return true;
}

static bool
choose_virtual_mailbox(struct resolving *resolving, struct error *error UNUSED)
{
	choose_transport(resolving, "virtual_transport",
	    span_text(resolving->route->common->virtual_transport));
	return true;
}

static bool
choose_relay(struct resolving *resolving, struct error *error)
{
	choose_transport(resolving, "relay_transport",
	    span_text(resolving->route->common->relay_transport));
	return choose_relayhost(resolving, error);
}

static bool
choose_default(struct resolving *resolving, struct error *error)
{
	struct route *route = resolving->route;
	const struct by_sender by = {"sender_dependent_default_transport_maps",
	    route->sender_dependent_default_transport_maps,
	    route->params->empty_address_default_transport_maps_lookup_key};
	struct span configured = span_text(route->common->default_transport);
	struct span transport = configured;

	if (!ask_for_sender(
		resolving, &by, &resolving->by_sender, &transport, error))
		return false;
	resolving->choice = transport_parse(transport);
	if (transport.at == configured.at)
		route_note(route, "default_transport", configured);
	return choose_relayhost(resolving, error);
}

static bool (*const choosers[])(
    struct resolving *resolving, struct error *error) = {
    [ROUTE_LOCAL] = choose_local,
    [ROUTE_VIRTUAL_ALIAS] = choose_virtual_alias,
    [ROUTE_VIRTUAL_MAILBOX] = choose_virtual_mailbox,
    [ROUTE_RELAY] = choose_relay,
    [ROUTE_DEFAULT] = choose_default,
};

static bool
ask_transport_maps(struct resolving *resolving, struct error *error)
{
	const struct transport_request request = {
	    .params = resolving->route->common,
	    .recipient = buf_span(&resolving->recipient),
	    .parents_match = resolving->route->transport_parents,
	};
	enum table_result result;

	/* What is no alias of such a domain is nobody. */
	if (resolving->answer->class == ROUTE_VIRTUAL_ALIAS)
		return true;
	result = transport_look_up(resolving->route->transport_maps, &request,
	    &resolving->choice, &resolving->value, error);
	if (result == TABLE_FOUND)
		route_note(resolving->route, "transport_maps",
		    buf_span(&resolving->value));
	return result != TABLE_TRY_AGAIN;
}

/* Mail for who has moved is refused, whatever the class. */
static bool
ask_relocated_maps(struct resolving *resolving, struct error *error)
{
	struct route *route = resolving->route;
	const struct route_find find = {.maps = route->relocated_maps,
	    .address = buf_span(&resolving->recipient)};
	enum table_result result =
	    route_find(route, &find, &resolving->scratch, NULL, error);

	if (result != TABLE_FOUND)
		return result != TABLE_TRY_AGAIN;
	if (route->params->relocated_prefix_enable)
		(void)buf_append_text(
		    &resolving->relocated, "5.1.6 User has moved to ");
	(void)buf_append_span(
	    &resolving->relocated, buf_span(&resolving->scratch));
	resolving->choice =
	    (struct transport){SPAN("error"), buf_span(&resolving->relocated)};
	route_note(route, "relocated_maps", resolving->choice.next_hop);
	return true;
}

static bool
choose(struct resolving *resolving, struct error *error)
{
	if (!choosers[resolving->answer->class](resolving, error))
		return false;
	if (resolving->choice.next_hop.len == 0)
		resolving->choice.next_hop = domain_of(resolving);
	return ask_transport_maps(resolving, error) &&
	    ask_relocated_maps(resolving, error);
}

/* Whether mail could be sent there at all. */
static bool
is_valid(const struct resolving *resolving)
{
	struct mail_address parts =
	    mail_address_split(buf_span(&resolving->recipient));

	return parts.local.len > 0 && parts.domain.len > 0 &&
	    (domain_is_hostname(parts.domain, true, NULL) ||
		domain_is_literal(parts.domain, NULL));
}

/* In the one form that all spellings of the domain have, so that its mail
 * meets. */
static bool
store_domain(struct pool *pool, struct span domain, struct span *stored)
{
	char ascii[IDNA_NAME_SIZE];

	if (!text_is_ascii(domain) && idna_to_ascii(domain, ascii, NULL))
		domain = span_text(ascii);
	return mail_address_fold(pool, domain, stored);
}

static bool
store_answer(
    struct resolving *resolving, struct pool *pool, struct error *error)
{
	struct route_answer *answer = resolving->answer;
	struct span next_hop = resolving->choice.next_hop;
	bool stored =
	    pool_copy_span(pool, resolving->choice.name, &answer->transport) &&
	    pool_copy_span(
		pool, buf_span(&resolving->recipient), &answer->recipient);

	if (stored && span_equal(next_hop, domain_of(resolving)))
		stored = store_domain(pool, next_hop, &answer->next_hop);
	else if (stored)
		stored = pool_copy_span(pool, next_hop, &answer->next_hop);
	return stored || error_set(error, ERROR_LIMIT, "no room for the route");
}

static bool
resolve(struct resolving *resolving, struct error *error)
{
	struct span recipient = resolving->query->recipient;

	if (recipient.len == 0)
		recipient = span_text(
		    resolving->route->common->empty_address_recipient);
	if (!set_recipient(resolving, recipient, error) ||
	    !find_class(resolving, error))
		return false;
	if (is_valid(resolving))
		return choose(resolving, error);
	resolving->choice = (struct transport){
	    SPAN("error"), SPAN("5.1.3 Bad recipient address syntax")};
	return true;
}

bool
route_resolve(struct route *route, struct pool *pool,
    const struct route_query *query, struct route_answer *answer,
    struct error *error)
{
	struct resolving resolving = {
	    .route = route, .query = query, .answer = answer};
	struct buf *const texts[] = {&resolving.recipient, &resolving.scratch,
	    &resolving.value, &resolving.relayhost, &resolving.by_sender,
	    &resolving.relocated};
	bool resolved;

	*answer = (struct route_answer){.class = ROUTE_DEFAULT};
	for (size_t i = 0; i < COUNT_OF(texts); i++)
		buf_init(texts[i], RECIPIENT_MAXIMUM);
	resolved =
	    resolve(&resolving, error) && store_answer(&resolving, pool, error);
	for (size_t i = 0; i < COUNT_OF(texts); i++)
		buf_finish(texts[i]);
	return resolved;
}
