/* SPDX-License-Identifier: MIT */
#include "cleanup/lookup/explain/explanation.h"

#include "lib/mail/mail_address.h"
#include "lib/route/address_complete.h"

enum {
	VALUE_MAXIMUM = 4096
};

/* One run. */
struct explaining {
	const struct explanation_request *request;
	struct pool *pool;
	struct explanation *explanation;
	struct list *steps; /* where the trace goes; NULL: nowhere */
	struct route_trace trace;
};

static struct span
copy(struct explaining *explaining, struct span text)
{
	struct span copied;

	must(pool_copy_span(explaining->pool, text, &copied));
	return copied;
}

static void
add_step(struct explaining *explaining, const struct explained_step *values)
{
	struct explained_step *step;

	if (explaining->steps == NULL)
		return;
	step = pool_alloc_fitting(explaining->pool, sizeof *step);
	*step = (struct explained_step){
	    .parameter = values->parameter,
	    .table = values->table,
	    .key = copy(explaining, values->key),
	    .value = copy(explaining, values->value),
	};
	list_add_last(explaining->steps, &step->node);
}

static void
note_row(void *owner, const char *parameter, const char *table, struct span key,
    struct span value)
{
	add_step(
	    owner, &(struct explained_step){{0}, parameter, table, key, value});
}

static void
note_result(void *owner, const char *parameter, struct span result)
{
	add_step(owner,
	    &(struct explained_step){
		.parameter = parameter, .key = SPAN_EMPTY, .value = result});
}

static bool
complete(struct explaining *explaining, struct span address, struct span *out)
{
	struct buf text;
	bool completed;

	buf_init(&text, VALUE_MAXIMUM);
	completed =
	    address_complete(explaining->request->common, address, &text) ||
	    error_set(&explaining->explanation->error, ERROR_LIMIT,
		"the address is too long");
	*out = copy(explaining, buf_span(&text));
	if (!span_equal(*out, address))
		note_result(explaining, "myorigin", *out);
	buf_finish(&text);
	return completed;
}

static bool
rewrite(struct explaining *explaining, enum route_place place,
    struct span address, struct span *out)
{
	return complete(explaining, address, out) &&
	    route_rewrite(explaining->request->route, explaining->pool, place,
		*out, out, &explaining->explanation->error);
}

/* ---- whether it would be accepted ---- */

static bool
check_access(struct explaining *explaining)
{
	const struct explanation_request *request = explaining->request;
	struct explanation *explanation = explaining->explanation;
	struct explained_access *access = &explanation->access;
	const struct route_query query = {
	    explanation->sender, request->address};
	struct route_answer answer;

	if (!route_resolve(request->route, explaining->pool, &query, &answer,
		&explanation->error))
		return false;
	access->known =
	    route_recipient_known(request->route, &answer, &explanation->error);
	if (access->known == TABLE_TRY_AGAIN)
		return false;
	if (access->known == TABLE_NOT_FOUND &&
	    span_equal(answer.transport, SPAN("error")))
		access->why = answer.next_hop;
	access->is_destination =
	    answer.class != ROUTE_DEFAULT && !answer.is_routed;
	access->is_asked_for = request->client != NULL;
	if (!access->is_asked_for)
		return true;
	switch (network_list_match(
	    request->networks, request->client, &explanation->error)) {
	case TABLE_FOUND:
		access->may_relay = true;
		break;
	case TABLE_NOT_FOUND:
		break;
	case TABLE_TRY_AGAIN:
		return false;
	}
	return true;
}

/* ---- deliveries ---- */

static void
find_limits(struct explaining *explaining, struct explained_delivery *delivery)
{
	static const char *const suffixes[EXPLAINED_LIMITS] = {
	    "destination_recipient_limit",
	    "initial_destination_concurrency",
	    "destination_concurrency_limit",
	    "destination_rate_delay",
	};

	for (size_t i = 0; i < EXPLAINED_LIMITS; i++) {
		char *name = pool_printf(explaining->pool, "%.*s_%s",
		    SPAN_ARGS(delivery->answer.transport), suffixes[i]);
		char text[200];
		struct buf value;

		must(name != NULL);
		snprintf(text, sizeof text, "$%s", name);
		buf_init(&value, VALUE_MAXIMUM);
		if (param_expand(explaining->request->source, span_text(text),
			&value, NULL))
			delivery->limits[i] = (struct explained_limit){
			    name, copy(explaining, buf_span(&value))};
		buf_finish(&value);
	}
}

static bool
add_delivery(struct explaining *explaining, enum explained_reason reason,
    struct span recipient)
{
	struct explanation *explanation = explaining->explanation;
	const struct route_query query = {explanation->sender, recipient};
	struct explained_delivery *delivery =
	    pool_alloc_fitting(explaining->pool, sizeof *delivery);
	bool resolved;

	delivery->reason = reason;
	list_init(&delivery->steps);
	explaining->steps = &delivery->steps;
	resolved = route_resolve(explaining->request->route, explaining->pool,
	    &query, &delivery->answer, &explanation->error);
	explaining->steps = NULL;
	if (!resolved)
		return false;
	find_limits(explaining, delivery);
	list_add_last(&explanation->deliveries, &delivery->node);
	return true;
}

/* An address that is to have the message, and all that it stands for. */
static bool
add_recipient(struct explaining *explaining, enum explained_reason reason,
    struct span address, struct span *rewritten)
{
	struct explanation *explanation = explaining->explanation;
	struct route_expansion expansion;

	explaining->steps = &explanation->steps;
	if (!rewrite(
		explaining, ROUTE_ENVELOPE_RECIPIENT, address, rewritten) ||
	    !route_expand_virtual(explaining->request->route, explaining->pool,
		*rewritten, &expansion, &explanation->error))
		return false;
	for (size_t i = 0; i < expansion.count; i++)
		if (!add_delivery(explaining, reason, expansion.recipients[i]))
			return false;
	return true;
}

static bool
add_copy(
    struct explaining *explaining, enum route_copy whose, struct span address)
{
	static const enum explained_reason reasons[] = {
	    [ROUTE_COPY_SENDER] = EXPLAINED_SENDER_BCC,
	    [ROUTE_COPY_RECIPIENT] = EXPLAINED_RECIPIENT_BCC,
	};
	struct span to;
	struct span rewritten;

	explaining->steps = &explaining->explanation->steps;
	return route_find_copy(explaining->request->route, explaining->pool,
		   whose, address, &to, &explaining->explanation->error) &&
	    (to.len == 0 ||
		add_recipient(explaining, reasons[whose], to, &rewritten));
}

static bool
explain(struct explaining *explaining)
{
	const struct explanation_request *request = explaining->request;
	struct explanation *explanation = explaining->explanation;
	struct span rewritten;

	explaining->steps = &explanation->sender_steps;
	if (!rewrite(explaining, ROUTE_ENVELOPE_SENDER, request->sender,
		&explanation->sender))
		return false;
	explaining->steps = NULL;
	if (!check_access(explaining) ||
	    !add_recipient(explaining, EXPLAINED_RECIPIENT, request->address,
		&explanation->recipient) ||
	    !add_copy(
		explaining, ROUTE_COPY_RECIPIENT, explanation->recipient) ||
	    !add_copy(explaining, ROUTE_COPY_SENDER, explanation->sender))
		return false;
	return request->always_bcc.len == 0 ||
	    add_recipient(explaining, EXPLAINED_ALWAYS_BCC, request->always_bcc,
		&rewritten);
}

struct explanation *
explanation_make(struct pool *pool, const struct explanation_request *request)
{
	struct explaining explaining = {
	    .request = request,
	    .pool = pool,
	    .explanation = pool_alloc_fitting(pool, sizeof(struct explanation)),
	};
	struct explanation *explanation = explaining.explanation;

	explaining.trace =
	    (struct route_trace){note_row, note_result, &explaining};
	*explanation = (struct explanation){
	    .address = request->address,
	    .error.kind = ERROR_NONE,
	};
	list_init(&explanation->sender_steps);
	list_init(&explanation->steps);
	list_init(&explanation->deliveries);
	route_explain(request->route, &explaining.trace);
	if (explain(&explaining))
		explanation->error.kind = ERROR_NONE;
	route_explain(request->route, NULL);
	return explanation;
}

const char *explanation_class(enum route_class class)
{
	static const char *const names[] = {
	    [ROUTE_LOCAL] = "local",
	    [ROUTE_VIRTUAL_ALIAS] = "virtual alias",
	    [ROUTE_VIRTUAL_MAILBOX] = "virtual mailbox",
	    [ROUTE_RELAY] = "relay",
	    [ROUTE_DEFAULT] = "default",
	};

	return names[class];
}

const char *
explanation_reason(enum explained_reason reason)
{
	static const char *const names[EXPLAINED_REASONS] = {
	    [EXPLAINED_RECIPIENT] = "recipient",
	    [EXPLAINED_ALWAYS_BCC] = "always_bcc",
	    [EXPLAINED_SENDER_BCC] = "sender_bcc_maps",
	    [EXPLAINED_RECIPIENT_BCC] = "recipient_bcc_maps",
	};

	return names[reason];
}
