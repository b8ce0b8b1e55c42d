/* SPDX-License-Identifier: MIT */
#include "qmgr/report.h"

#include "lib/base/clock.h"
#include "lib/base/crc32c.h"
#include "lib/base/memory.h"
#include "lib/daemon/service.h"
#include "lib/log/log.h"

#include "qmgr/disk.h"
#include "qmgr/notice.h"

enum {
	/* Seconds for a bounce agent while nothing is recorded yet. When none
	 * is free the notice is due. */
	BOUNCE_PATIENCE = 3,
	RECORD_TRIES = 30,
	RECORD_PAUSE = 1000 /* milliseconds */
};

/* The results that one notice is about, by rising number. */
struct selection {
	struct result *results; /* copies */
	struct result **from;
	uint32_t *numbers;
	size_t count;
};

static void
soften_bounces(struct report *report)
{
	if (!service_common()->soft_bounce)
		return;
	for (size_t i = 0; i < report->count; i++)
		if (report->results[i].outcome == DELIVERY_BOUNCED)
			report->results[i].outcome = DELIVERY_DEFERRED;
}

/* A reason of class 5 on disk means a failure: what is only deferred has
 * another one. */
static void
soften_statuses(struct report *report)
{
	for (size_t i = 0; i < report->count; i++) {
		struct result *result = &report->results[i];

		if (result->outcome != DELIVERY_DEFERRED ||
		    !span_starts(result->dsn, SPAN("5")))
			continue;
		snprintf(result->soft_dsn, sizeof result->soft_dsn, "4%.*s",
		    SPAN_ARGS(span_skip(result->dsn, 1)));
		result->dsn = span_text(result->soft_dsn);
	}
}

/* A failure has a status of class 5, whatever was found. */
static void
harden_status(struct result *result)
{
	struct span rest = span_skip(result->dsn, 1);

	snprintf(result->soft_dsn, sizeof result->soft_dsn, "5%.*s",
	    SPAN_ARGS(rest.len > 0 ? rest : SPAN(".0.0")));
	result->dsn = span_text(result->soft_dsn);
}

static bool
is_for_notice(const struct result *result, enum notice_kind kind)
{
	uint32_t notify = result->recipient == NULL ? NOTIFY_UNKNOWN
						    : result->recipient->notify;

	if (notify != NOTIFY_UNKNOWN && !notice_concerns(notify, kind))
		return false;
	if (kind == NOTICE_FAILURE)
		return result->outcome == DELIVERY_BOUNCED;
	return result->outcome == DELIVERY_RELAYED ||
	    result->outcome == DELIVERY_EXPANDED ||
	    result->outcome == DELIVERY_SENT;
}

static int
compare_numbers(const void *a, const void *b)
{
	const struct result *const *left = a;
	const struct result *const *right = b;

	return ((*left)->number > (*right)->number) -
	    ((*left)->number < (*right)->number);
}

static void
select_results(const struct report *report, enum notice_kind kind,
    struct selection *selection)
{
	selection->from = memory_alloc(report->count * sizeof *selection->from);
	selection->results =
	    memory_alloc(report->count * sizeof *selection->results);
	selection->numbers =
	    memory_alloc(report->count * sizeof *selection->numbers);
	selection->count = 0;
	for (size_t i = 0; i < report->count; i++)
		if (is_for_notice(&report->results[i], kind))
			selection->from[selection->count++] =
			    &report->results[i];
	qsort(selection->from, selection->count, sizeof *selection->from,
	    compare_numbers);
	for (size_t i = 0; i < selection->count; i++) {
		selection->results[i] = *selection->from[i];
		selection->numbers[i] = selection->from[i]->number;
	}
}

static void
free_selection(struct selection *selection)
{
	free(selection->from);
	free(selection->results);
	free(selection->numbers);
}

static bool
send_selection(struct message *message, enum notice_kind kind,
    const struct selection *selection, struct error *error)
{
	struct disk_reading reading = {
	    .numbers = selection->numbers, .count = selection->count};
	bool good = disk_read(message, &reading);

	if (good)
		good = notice_send(message, kind, &reading, selection->results,
		    loop_deadline(BOUNCE_PATIENCE), error);
	else
		*error = reading.error;
	disk_finish_reading(&reading);
	return good;
}

static bool
concerns_any(const struct report *report, enum notice_kind kind)
{
	for (size_t i = 0; i < report->count; i++)
		if (is_for_notice(&report->results[i], kind))
			return true;
	return false;
}

static bool
send_notice(struct report *report, enum notice_kind kind)
{
	struct log_context context = {.queue_id = message_id(report->message)};
	struct selection selection;
	struct error error;
	bool good;

	select_results(report, kind, &selection);
	good = send_selection(report->message, kind, &selection, &error);
	if (!good)
		log_warning(
		    &context, "sender notification not sent: %s", error.text);
	free_selection(&selection);
	return good;
}

static bool
is_end_of_message(const struct report *report)
{
	size_t ended = 0;

	for (size_t i = 0; i < report->count; i++)
		ended += report->results[i].outcome != DELIVERY_DEFERRED &&
		    !report->results[i].is_due;
	return ended == report->message->outstanding;
}

/* At once when nobody else is outstanding: then nothing need be written. Else,
 * or when the sender cannot be told now, the notice is due. */
static void
send_failures(struct report *report)
{
	if (!concerns_any(report, NOTICE_FAILURE) ||
	    !notice_has_reader(report->message, NOTICE_FAILURE) ||
	    (is_end_of_message(report) && send_notice(report, NOTICE_FAILURE)))
		return;
	for (size_t i = 0; i < report->count; i++) {
		struct result *result = &report->results[i];

		result->is_due = is_for_notice(result, NOTICE_FAILURE);
		if (result->is_due)
			harden_status(result);
	}
}

static void
send_successes(struct report *report)
{
	if (!concerns_any(report, NOTICE_SUCCESS) ||
	    !notice_has_reader(report->message, NOTICE_SUCCESS) ||
	    send_notice(report, NOTICE_SUCCESS))
		return;
	for (size_t i = 0; i < report->count; i++)
		if (is_for_notice(&report->results[i], NOTICE_SUCCESS))
			report->results[i].is_due = true;
}

uint32_t
report_check_reason(const struct stored_reason *reason)
{
	uint32_t check = crc32c(0, reason->status);

	if (reason->status.len == 0 && reason->text.len == 0)
		return 0;
	check = crc32c(check, reason->text);
	check = crc32c(check, reason->remote);
	check = crc32c(check, reason->diagnostic);
	check += reason->success;
	return check != 0 ? check : 1;
}

/* Deliveries are recorded so when their notice is due. */
static enum stored_success
success_of(enum delivery_outcome outcome)
{
	static const enum stored_success successes[DELIVERY_OUTCOME_COUNT] = {
	    [DELIVERY_SENT] = SUCCESS_DELIVERED,
	    [DELIVERY_RELAYED] = SUCCESS_RELAYED,
	    [DELIVERY_EXPANDED] = SUCCESS_EXPANDED,
	};

	return successes[outcome];
}

static struct stored_reason
reason_of(const struct result *result)
{
	return (struct stored_reason){
	    .recipient = result->number,
	    .success = success_of(result->outcome),
	    .status = span_head(result->dsn, JOURNAL_TEXT_MAXIMUM),
	    .remote = span_head(result->remote, JOURNAL_TEXT_MAXIMUM),
	    .diagnostic = span_head(result->reply, JOURNAL_TEXT_MAXIMUM),
	    .text = span_head(result->text, JOURNAL_TEXT_MAXIMUM),
	};
}

/* True when the recipient's last reason on disk is another. */
static bool
is_news(const struct result *result, const struct stored_reason *reason)
{
	uint32_t check = report_check_reason(reason);

	if (result->recipient == NULL)
		return true;
	if (result->recipient->reason_check == check)
		return false;
	result->recipient->reason_check = check;
	return true;
}

/* Fills marks and entries, each with room for all results. */
static void
translate(const struct report *report, struct store_report *stored,
    struct store_mark *marks, struct journal_entry *entries)
{
	*stored = (struct store_report){.marks = marks, .entries = entries};
	for (size_t i = 0; i < report->count; i++) {
		const struct result *result = &report->results[i];
		struct stored_reason reason = reason_of(result);

		if (result->outcome != DELIVERY_DEFERRED && !result->is_due)
			marks[stored->mark_count++] = (struct store_mark){
			    result->number,
			    result->outcome == DELIVERY_BOUNCED
				? RECIPIENT_BOUNCED
				: RECIPIENT_DONE,
			};
		else if (is_news(result, &reason))
			entries[stored->entry_count++] = (struct journal_entry){
			    .type = JOURNAL_REASON, .reason = reason};
	}
}

/* The states have to get to the disk: until then the agent keeps the result,
 * and nobody else may have the recipients. */
static void
record(struct message *message, const struct store_report *stored)
{
	struct log_context context = {.queue_id = message_id(message)};
	struct error error;
	bool written = stored->mark_count == 0;

	for (int i = 0; i < RECORD_TRIES; i++) {
		if (disk_record(message, stored, &written, &error))
			return;
		if (error.kind == ERROR_NOT_FOUND) {
			message->gone = true;
			return;
		}
		log_error(&context, "results not recorded: %s", error.text);
		if (written || stored->mark_count == 0)
			return;
		loop_sleep_until(loop_now() + RECORD_PAUSE);
	}
}

static void
record_report(const struct report *report)
{
	struct store_mark *marks = memory_alloc(report->count * sizeof *marks);
	struct journal_entry *entries =
	    memory_alloc(report->count * sizeof *entries);
	struct store_report stored;

	translate(report, &stored, marks, entries);
	if (stored.mark_count + stored.entry_count > 0)
		record(report->message, &stored);
	must(report->message->outstanding >= stored.mark_count);
	report->message->outstanding -= (uint32_t)stored.mark_count;
	for (size_t i = 0; i < report->count; i++)
		report->message->due += report->results[i].is_due;
	free(entries);
	free(marks);
}

/* Removes the message when this report is the end of it. */
static bool
remove_message(const struct report *report)
{
	struct message *message = report->message;
	struct error error;

	if (!is_end_of_message(report) || !disk_done(message, &error))
		return false;
	message->outstanding = 0;
	return true;
}

static void
write_report(const struct report *report)
{
	struct message *message = report->message;

	turn_take(&message->turn);
	if (!message->gone && !remove_message(report))
		record_report(report);
	turn_give(&message->turn);
}

void
report_apply(
    struct report *report, void (*recorded)(void *argument), void *argument)
{
	struct message *message = report->message;

	message_use(message);
	soften_bounces(report);
	soften_statuses(report);
	if (!report->no_attempt)
		message->attempted = clock_wall();
	if (!message->gone && message->order != ORDER_DELETE) {
		send_failures(report);
		send_successes(report);
	}
	write_report(report);
	if (recorded != NULL)
		recorded(argument);
	for (size_t i = 0; i < report->count; i++)
		if (report->results[i].recipient != NULL)
			message_close_recipient(
			    message, report->results[i].recipient);
	message_release(message);
}
