/* SPDX-License-Identifier: MIT */
#include "local/recipient.h"

#include "lib/daemon/lookup_client.h"
#include "lib/daemon/service.h"
#include "lib/mail/mail_address.h"

#include "local/alias.h"
#include "local/forward.h"
#include "local/mailbox/delivered_to.h"
#include "local/mailbox/mailbox.h"
#include "local/name.h"
#include "local/params.h"

enum {
	LEVEL_MAXIMUM = 100 /* aliases that lead from one to the next */
};

/* One recipient under way. */
struct attempt {
	struct delivery *delivery;
	struct delivery_recipient *recipient;
	struct span address;  /* where aliases have led so far */
	bool is_final;        /* no alias counts any more */
	struct span expanded; /* the alias that led there; empty: none */
	struct delivery_result result;
};

static void
set_result(struct attempt *attempt, enum delivery_outcome outcome,
    const char *dsn, const char *text)
{
	struct delivery_result *result = &attempt->result;

	result->outcome = outcome;
	result->dsn = span_text(dsn);
	if (!pool_copy_span(
		attempt->delivery->pool, span_text(text), &result->text))
		result->text = SPAN_EMPTY;
}

static void
refuse(struct attempt *attempt, const char *dsn, const char *why,
    struct span subject)
{
	char text[512];

	snprintf(text, sizeof text, "%s %.*s", why, SPAN_ARGS(subject));
	set_result(attempt, DELIVERY_BOUNCED, dsn, text);
}

/* ---- the mailbox ---- */

static const char *
mailbox_path(struct pool *pool, struct span user)
{
	struct span spool = span_text(service_common()->mail_spool_directory);
	bool is_maildir = span_ends(spool, SPAN("/"));

	if (local_params.home_mailbox[0] != '\0')
		return local_params.home_mailbox;
	while (span_ends(spool, SPAN("/")))
		spool.len--;
	return pool_printf(pool, "%.*s/%.*s%s", SPAN_ARGS(spool),
	    SPAN_ARGS(user), is_maildir ? "/" : "");
}

static void
deliver_to_user(struct attempt *attempt, const struct name *name)
{
	struct pool *pool = attempt->delivery->pool;
	struct mailbox mailbox = {
	    .limit = (uint64_t)local_params.mailbox_size_limit,
	    .delivered_to = attempt->is_final
		? attempt->address
		: attempt->recipient->request.address,
	};
	const char *path;

	/* No name would mean a mailbox that has no user. */
	if (name->user.len == 0) {
		refuse(attempt, "5.1.1", "unknown user:", SPAN("\"\""));
		return;
	}
	if (!mail_address_fold(pool, name->user, &mailbox.user) ||
	    (path = mailbox_path(pool, mailbox.user)) == NULL) {
		set_result(attempt, DELIVERY_DEFERRED, "4.3.0",
		    "no room for a delivery");
		return;
	}
	mailbox.path = span_text(path);
	mailbox_deliver(
	    attempt->delivery, attempt->recipient, &mailbox, &attempt->result);
}

/* ---- aliases ---- */

/* An alias that contains its own name means the user of that name. */
static struct span
without_alias(struct attempt *attempt, struct span alias, struct span member)
{
	struct mail_address here = mail_address_split(attempt->address);
	struct mail_address there = mail_address_split(member);
	const char *final;

	if (!span_equal_fold(there.local, alias) ||
	    (there.local.len < member.len &&
		!span_equal_fold(there.domain, here.domain)))
		return member;
	final = pool_printf(attempt->delivery->pool, "\\%.*s@%.*s",
	    SPAN_ARGS(there.local), SPAN_ARGS(here.domain));
	return final == NULL ? member : span_text(final);
}

static void
send_on(struct attempt *attempt, struct span alias, struct span owner,
    const struct alias_expansion *expansion)
{
	struct forward forward = {
	    .sender = owner.len > 0 ? owner : attempt->delivery->request.sender,
	    .addresses = expansion->members,
	    .count = expansion->count,
	    .is_list = owner.len > 0,
	    .delivered_to = attempt->recipient->request.address,
	};

	for (size_t i = 0; i < expansion->count; i++)
		expansion->members[i] =
		    without_alias(attempt, alias, expansion->members[i]);
	forward_message(
	    attempt->delivery, attempt->recipient, &forward, &attempt->result);
}

/* True when the one member is local, too: delivery goes on with it. */
static bool
follow(struct attempt *attempt, struct span alias, struct span member)
{
	struct message_route_found found;
	struct error error;

	if (name_is_final(member) ||
	    lookup_client_route(attempt->delivery->pool, member, &found,
		&error) != LOOKUP_FOUND ||
	    !span_equal(found.transport, span_text(service_name())))
		return false;
	attempt->address = found.address;
	attempt->expanded = alias;
	return true;
}

/* True when delivery goes on with another address. */
static bool
use_expansion(struct attempt *attempt, struct span alias,
    const struct alias_expansion *expansion)
{
	struct span owner = SPAN_EMPTY;
	struct error error;

	switch (
	    alias_find_owner(attempt->delivery->pool, alias, &owner, &error)) {
	case ALIAS_EXPANDED:
		break;
	case ALIAS_NONE:
		owner = SPAN_EMPTY;
		if (expansion->count == 1 &&
		    follow(attempt, alias, expansion->members[0]))
			return true;
		break;
	case ALIAS_TRY_AGAIN:
	case ALIAS_BAD:
		set_result(attempt, DELIVERY_DEFERRED, "4.3.0",
		    "alias database unavailable");
		return false;
	}
	send_on(attempt, alias, owner, expansion);
	return false;
}

/* Asks for user+extension, then for user. */
static enum alias_result
find_alias(struct attempt *attempt, const struct name *name, struct span *alias,
    struct alias_expansion *expansion, struct error *error)
{
	const struct span keys[] = {name->local, name->user};
	size_t count = name->user.len < name->local.len ? 2 : 1;

	for (size_t i = 0; i < count && !attempt->is_final; i++) {
		enum alias_result result;

		if (span_equal_fold(keys[i], attempt->expanded))
			return ALIAS_NONE;
		result = alias_find(
		    attempt->delivery->pool, keys[i], expansion, error);
		*alias = keys[i];
		if (result != ALIAS_NONE)
			return result;
	}
	return ALIAS_NONE;
}

/* True when delivery goes on with another address. */
static bool
step(struct attempt *attempt)
{
	struct name name = name_split(attempt->address);
	struct alias_expansion expansion;
	struct span alias;
	struct error error;

	switch (find_alias(attempt, &name, &alias, &expansion, &error)) {
	case ALIAS_NONE:
		deliver_to_user(attempt, &name);
		break;
	case ALIAS_EXPANDED:
		return use_expansion(attempt, alias, &expansion);
	case ALIAS_TRY_AGAIN:
		log_warning(&attempt->delivery->log, "%s", error.text);
		set_result(attempt, DELIVERY_DEFERRED, "4.3.0",
		    "alias database unavailable");
		break;
	case ALIAS_BAD:
		set_result(attempt, DELIVERY_DEFERRED, "4.3.5", error.text);
	}
	return false;
}

/* ---- one recipient ---- */

static void
deliver(struct attempt *attempt)
{
	struct span address = attempt->recipient->request.address;
	struct error error;
	bool is_loop;

	if (!delivered_to_check(attempt->delivery, address, &is_loop, &error)) {
		set_result(attempt, DELIVERY_DEFERRED, "4.3.0", error.text);
		return;
	}
	if (is_loop) {
		refuse(attempt, "5.4.6", "mail forwarding loop for", address);
		return;
	}
	attempt->is_final = name_is_final(address);
	if (attempt->is_final)
		attempt->address = span_skip(address, 1);
	for (int level = 0; level < LEVEL_MAXIMUM; level++)
		if (!step(attempt))
			return;
	refuse(attempt, "5.4.6", "alias database loop for", attempt->address);
}

/* An alias that led to one user is logged with him, as the original it had. */
static void
show_alias(struct attempt *attempt)
{
	struct message_deliver_recipient *request =
	    &attempt->recipient->request;

	if (span_equal(attempt->address, request->address))
		return;
	if (request->original_recipient.len == 0)
		request->original_recipient = request->address;
	request->address = attempt->address;
}

void
recipient_deliver_all(struct delivery *delivery)
{
	for (size_t i = 0; i < delivery->count; i++) {
		struct delivery_recipient *recipient = &delivery->recipients[i];
		struct attempt attempt = {
		    .delivery = delivery,
		    .recipient = recipient,
		    .address = recipient->request.address,
		};

		deliver(&attempt);
		show_alias(&attempt);
		attempt.result.relay = SPAN("local");
		delivery_report(delivery, recipient, &attempt.result);
	}
}
