/* SPDX-License-Identifier: MIT */
#include "local/virtual/recipient.h"

#include "lib/base/number.h"
#include "lib/daemon/lookup_client.h"
#include "lib/daemon/service.h"

#include "local/mailbox/delivered_to.h"
#include "local/mailbox/mailbox.h"
#include "local/virtual/params.h"

/* One recipient under way. */
struct attempt {
	struct delivery *delivery;
	struct delivery_recipient *recipient;
	struct mailbox mailbox;
	struct delivery_result result;
};

static void
set_result(struct attempt *attempt, enum delivery_outcome outcome,
    const char *dsn, const char *text)
{
	attempt->result.outcome = outcome;
	attempt->result.dsn = span_text(dsn);
	if (!pool_copy_span(attempt->delivery->pool, span_text(text),
		&attempt->result.text))
		attempt->result.text = SPAN_EMPTY;
}

static bool
refuse(struct attempt *attempt, const char *dsn, const char *format)
{
	char text[512];

	snprintf(text, sizeof text, "%s \"%.*s\"", format,
	    SPAN_ARGS(attempt->recipient->request.address));
	set_result(attempt, DELIVERY_BOUNCED, dsn, text);
	return false;
}

static bool
misconfigured(struct attempt *attempt, const char *tables, const char *why)
{
	log_warning(&attempt->delivery->log, "recipient %.*s: %s in %s",
	    SPAN_ARGS(attempt->recipient->request.address), why, tables);
	set_result(attempt, DELIVERY_DEFERRED, "4.3.5",
	    "mail system configuration error");
	return false;
}

static enum lookup_result_code
look_up(struct attempt *attempt, const char *tables, struct span *value)
{
	struct error error;
	enum lookup_result_code result =
	    lookup_client_value(attempt->delivery->pool, tables,
		attempt->recipient->request.address, value, &error);

	if (result == LOOKUP_TRY_AGAIN) {
		log_warning(
		    &attempt->delivery->log, "%s: %s", tables, error.text);
		set_result(attempt, DELIVERY_DEFERRED, "4.3.0",
		    "table lookup problem");
	}
	return result;
}

static bool
find_mailbox(struct attempt *attempt)
{
	struct span *path = &attempt->mailbox.path;

	switch (look_up(attempt, "virtual_mailbox_maps", path)) {
	case LOOKUP_NOT_FOUND:
		return refuse(attempt, "5.1.1", "unknown user:");
	case LOOKUP_TRY_AGAIN:
		return false;
	case LOOKUP_FOUND:
		break;
	}
	while (span_starts(*path, SPAN("/")))
		*path = span_skip(*path, 1);
	return path->len > 0 ||
	    misconfigured(attempt, "virtual_mailbox_maps", "empty result");
}

static bool
find_number(struct attempt *attempt, const char *tables, int64_t minimum,
    uint32_t *number)
{
	struct span value;
	uint64_t parsed;

	switch (look_up(attempt, tables, &value)) {
	case LOOKUP_NOT_FOUND:
		return misconfigured(attempt, tables, "not found");
	case LOOKUP_TRY_AGAIN:
		return false;
	case LOOKUP_FOUND:
		break;
	}
	if (!number_parse(value, UINT32_MAX - 1, &parsed) ||
	    parsed < (uint64_t)minimum)
		return misconfigured(attempt, tables, "bad number");
	*number = (uint32_t)parsed;
	return true;
}

static bool
check_loop(struct attempt *attempt)
{
	struct error error;
	bool is_loop;

	if (!delivered_to_check(attempt->delivery,
		attempt->recipient->request.address, &is_loop, &error)) {
		set_result(attempt, DELIVERY_DEFERRED, "4.3.0", error.text);
		return false;
	}
	return !is_loop || refuse(attempt, "5.4.6", "mail forwarding loop for");
}

static void
deliver(struct attempt *attempt)
{
	struct mailbox *mailbox = &attempt->mailbox;

	mailbox->delivered_to = attempt->recipient->request.address;
	mailbox->limit = (uint64_t)virtual_params.virtual_mailbox_limit;
	if (check_loop(attempt) && find_mailbox(attempt) &&
	    find_number(attempt, "virtual_uid_maps",
		service_common()->virtual_minimum_uid, &mailbox->uid) &&
	    find_number(attempt, "virtual_gid_maps", 1, &mailbox->gid))
		mailbox_deliver(attempt->delivery, attempt->recipient, mailbox,
		    &attempt->result);
}

void
recipient_deliver_all(struct delivery *delivery)
{
	for (size_t i = 0; i < delivery->count; i++) {
		struct attempt attempt = {
		    .delivery = delivery,
		    .recipient = &delivery->recipients[i],
		};

		deliver(&attempt);
		attempt.result.relay = SPAN("virtual");
		delivery_report(delivery, attempt.recipient, &attempt.result);
	}
}
