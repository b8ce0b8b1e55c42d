/* SPDX-License-Identifier: MIT */
#include "qmgr/decide.h"

#include "lib/base/clock.h"
#include "lib/base/hash.h"
#include "lib/base/memory.h"
#include "lib/daemon/service.h"
#include "lib/log/log.h"
#include "lib/mail/delay.h"
#include "lib/mail/reply.h"

enum {
	WORKERS_MAXIMUM = 32,
	REPORT_MAXIMUM = MESSAGE_SLICE,
	TEXT_MAXIMUM = 1000
};

struct verdict {
	enum delivery_outcome outcome;
	char dsn[REPLY_STATUS_SIZE];
	bool no_attempt;
	struct span text;
};

/* Messages with decided recipients, and the coroutines that record them. */
static struct {
	struct list messages;
	unsigned workers;
} deciding = {.messages = {&deciding.messages, &deciding.messages}};

/* In the recipient's batch; when that is at its maximum the recipient is
 * deferred without more words, and NULL is returned. */
static struct verdict *
create_verdict(struct recipient *recipient, struct span text)
{
	static const struct verdict wordless = {
	    .outcome = DELIVERY_DEFERRED,
	    .dsn = "4.3.0",
	    .text = {"out of memory", 13},
	};
	struct verdict *verdict =
	    pool_alloc(recipient->batch->pool, sizeof *verdict);

	recipient->verdict = verdict;
	if (verdict != NULL &&
	    pool_copy_span(recipient->batch->pool,
		span_head(text, TEXT_MAXIMUM), &verdict->text))
		return verdict;
	recipient->verdict = &wordless;
	return NULL;
}

static struct message *
take_message(void)
{
	struct list *node = list_first(&deciding.messages);
	struct message *message;

	if (node == NULL)
		return NULL;
	message = list_element(node, struct message, deciding);
	list_remove(&message->deciding);
	return message;
}

/* The next recipients of the message whose verdicts may share a report. */
static void
fill_report(struct message *message, struct report *report)
{
	struct list *node;

	*report =
	    (struct report){.message = message, .results = report->results};
	while (report->count < REPORT_MAXIMUM &&
	    (node = list_first(&message->decided)) != NULL) {
		struct recipient *recipient =
		    list_element(node, struct recipient, node);
		const struct verdict *verdict = recipient->verdict;

		if (report->count > 0 &&
		    report->no_attempt != verdict->no_attempt)
			break;
		list_remove(node);
		report->no_attempt = verdict->no_attempt;
		report->results[report->count++] = (struct result){
		    .number = recipient->number,
		    .recipient = recipient,
		    .outcome = verdict->outcome,
		    .dsn = span_text(verdict->dsn),
		    .text = verdict->text,
		    .remote = SPAN_EMPTY,
		    .reply = SPAN_EMPTY,
		};
	}
}

static void
log_decision(const struct message *message, const struct result *result)
{
	static const char *const words[] = {
	    [DELIVERY_SENT] = "sent",
	    [DELIVERY_DEFERRED] = "deferred",
	    [DELIVERY_BOUNCED] = "bounced",
	    [DELIVERY_EXPANDED] = "expanded",
	    [DELIVERY_RELAYED] = "sent",
	    [DELIVERY_PASSED_ON] = "sent",
	};
	struct log_context context = {.queue_id = message_id(message)};
	int64_t now = clock_wall();
	struct delay_times times = {
	    .arrived = message->arrival,
	    .activated = message->activated,
	    .started = now,
	    .connected = now,
	    .ended = now,
	};
	unsigned digits =
	    (unsigned)service_common()->delay_logging_resolution_limit;
	char total[DELAY_TEXT_SIZE];
	char parts[DELAY_TEXT_SIZE];

	log_event(&context, LOG_DELIVERY,
	    log_address("to", result->recipient->address),
	    log_text("relay", SPAN("none")),
	    log_text(
		"delay", span_text(delay_format_total(&times, digits, total))),
	    log_text(
		"delays", span_text(delay_format_parts(&times, digits, parts))),
	    log_text("dsn", result->dsn),
	    log_text("status", span_text(words[result->outcome])),
	    log_text("text", result->text));
}

static void
record(struct message *message, struct result *results)
{
	struct report report = {.results = results};

	fill_report(message, &report);
	if (!list_is_empty(&message->decided))
		list_add_last(&deciding.messages, &message->deciding);
	for (size_t i = 0; i < report.count; i++)
		log_decision(message, &report.results[i]);
	report_apply(&report, NULL, NULL);
}

static void
work(void *argument UNUSED)
{
	struct result *results = memory_alloc(REPORT_MAXIMUM * sizeof *results);
	struct message *message;

	while ((message = take_message()) != NULL)
		record(message, results);
	free(results);
	deciding.workers--;
}

bool
decide_is_idle(void)
{
	return deciding.workers == 0;
}

static void
enqueue(struct recipient *recipient)
{
	struct message *message = recipient->batch->message;

	list_add_last(&message->decided, &recipient->node);
	if (list_is_empty(&message->deciding))
		list_add_last(&deciding.messages, &message->deciding);
	if (deciding.workers < WORKERS_MAXIMUM) {
		deciding.workers++;
		loop_spawn(work, NULL);
	}
}

static void
add(struct recipient *recipient, const struct verdict *values, struct span text)
{
	struct reply_status status;
	struct verdict *verdict;
	struct span rest = text;
	char dsn[REPLY_STATUS_SIZE];

	snprintf(dsn, sizeof dsn, "%s", values->dsn);
	if (reply_parse_status(&rest, &status)) {
		(void)reply_format_status(status, dsn);
		dsn[0] = values->dsn[0];
		text = rest;
	}
	verdict = create_verdict(recipient, text);
	if (verdict != NULL) {
		verdict->outcome = values->outcome;
		verdict->no_attempt = values->no_attempt;
		snprintf(verdict->dsn, sizeof verdict->dsn, "%s", dsn);
	}
	enqueue(recipient);
}

static void
decide_with(struct recipient *recipient, enum delivery_outcome outcome,
    bool no_attempt, const char *dsn, struct span text)
{
	struct verdict values = {.outcome = outcome, .no_attempt = no_attempt};

	snprintf(values.dsn, sizeof values.dsn, "%s", dsn);
	add(recipient, &values, text);
}

void
decide(struct recipient *recipient, enum delivery_outcome outcome,
    const char *dsn, struct span text)
{
	decide_with(recipient, outcome, false, dsn, text);
}

void
decide_later(struct recipient *recipient, const char *dsn, struct span text)
{
	decide_with(recipient, DELIVERY_DEFERRED, true, dsn, text);
}

void
decide_expanded(struct recipient *recipient)
{
	decide_with(recipient, DELIVERY_EXPANDED, true, "2.0.0",
	    SPAN("alias expanded"));
}

/* The reason has its status in front: "4.4.1 connect to ...". */
void
decide_suspended_recipient(
    struct destination *destination, struct recipient *recipient)
{
	struct span reason = span_text(destination->reason);
	struct reply_status status = {4, 4, 1};
	char dsn[REPLY_STATUS_SIZE];
	struct buf text;

	(void)reply_parse_status(&reason, &status);
	buf_init(&text, TEXT_MAXIMUM);
	(void)buf_printf(
	    &text, "delivery temporarily suspended: %.*s", SPAN_ARGS(reason));
	decide_with(recipient, DELIVERY_DEFERRED, false,
	    reply_format_status(status, dsn), buf_span(&text));
	buf_finish(&text);
}

void
decide_unavailable_recipient(
    struct transport *transport UNUSED, struct recipient *recipient)
{
	decide_with(recipient, DELIVERY_DEFERRED, false, "4.3.0",
	    SPAN("mail transport unavailable"));
}

static struct recipient *
take_recipient(struct list *recipients)
{
	struct list *node = list_first(recipients);

	if (node == NULL)
		return NULL;
	list_remove(node);
	return list_element(node, struct recipient, node);
}

void
decide_suspended(struct destination *destination)
{
	struct list recipients;
	struct recipient *recipient;

	list_init(&recipients);
	while (schedule_take_first(destination, &recipients) != NULL)
		while ((recipient = take_recipient(&recipients)) != NULL)
			decide_suspended_recipient(destination, recipient);
}

void
decide_unavailable(struct transport *transport)
{
	struct hash_cursor cursor = {0};
	struct destination *destination;
	struct list recipients;
	struct recipient *recipient;

	list_init(&recipients);
	while ((destination = hash_next(
		    transport->lane.destinations, &cursor, NULL)) != NULL)
		while (schedule_take_first(destination, &recipients) != NULL)
			;
	while ((recipient = take_recipient(&recipients)) != NULL)
		decide_unavailable_recipient(transport, recipient);
}
