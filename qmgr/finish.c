/* SPDX-License-Identifier: MIT */
#include "qmgr/finish.h"

#include "lib/base/clock.h"
#include "lib/base/memory.h"
#include "lib/log/log.h"

#include "qmgr/disk.h"
#include "qmgr/notice.h"
#include "qmgr/params.h"
#include "qmgr/requeue.h"

/* Messages in finish(). */
static size_t finishing;

size_t
finish_count(void)
{
	return finishing;
}

static struct backoff_limits
limits(void)
{
	return (struct backoff_limits){
	    .minimum = params.minimal_backoff_time,
	    .maximum = params.maximal_backoff_time,
	    .lifetime = params.maximal_queue_lifetime,
	    .notice_lifetime = params.bounce_queue_lifetime,
	    .warning = params.delay_warning_time,
	};
}

static struct log_context
context_of(const struct message *message)
{
	return (struct log_context){.queue_id = message_id(message)};
}

static void
log_removed(const struct message *message)
{
	struct log_context context = context_of(message);

	log_event_fields(&context, LOG_MESSAGE_REMOVED, NULL, 0);
}

/* ---- notices about all that is outstanding ---- */

/* For a recipient that was never tried. */
static struct span
reason_of(const struct message *message)
{
	return message->forced_expiry
	    ? SPAN("message is administratively expired")
	    : SPAN("delivery time expired");
}

static void
results_from_reasons(const struct message *message,
    const struct disk_reading *reading, enum delivery_outcome outcome,
    struct result *results)
{
	for (size_t i = 0; i < reading->count; i++) {
		const struct stored_reason *reason = &reading->reasons[i];

		results[i] = (struct result){
		    .number = reading->recipients[i].number,
		    .outcome = outcome,
		    .dsn =
			reason->status.len > 0 ? reason->status : SPAN("4.4.7"),
		    .text = reason->text.len > 0 ? reason->text
						 : reason_of(message),
		    .remote = reason->remote,
		    .reply = reason->diagnostic,
		};
	}
}

static bool
notify_slice(struct message *message, enum notice_kind kind,
    const struct disk_reading *reading, struct error *error)
{
	struct result *results =
	    memory_alloc((reading->count + 1) * sizeof *results);
	bool good;

	results_from_reasons(message, reading,
	    kind == NOTICE_DELAY ? DELIVERY_DEFERRED : DELIVERY_BOUNCED,
	    results);
	good = notice_send(message, kind, reading, results, error);
	free(results);
	return good;
}

static void
mark_bounced(struct message *message, const struct disk_reading *reading)
{
	struct store_mark *marks =
	    memory_alloc((reading->count + 1) * sizeof *marks);
	struct store_report report = {
	    .marks = marks, .mark_count = reading->count};
	struct log_context context = context_of(message);
	struct error error;
	bool written;

	for (size_t i = 0; i < reading->count; i++)
		marks[i] = (struct store_mark){
		    reading->recipients[i].number, RECIPIENT_BOUNCED};
	turn_take(&message->turn);
	if (!disk_record(message, &report, &written, &error))
		log_error(&context, "states not recorded: %s", error.text);
	turn_give(&message->turn);
	message->outstanding -= (uint32_t)reading->count;
	free(marks);
}

/* Returns the next slice of recipients; false at a failure. */
static bool
return_slice(struct message *message, struct stored_cursor *cursor,
    bool *at_end, struct error *error)
{
	struct disk_reading reading = {
	    .count = MESSAGE_SLICE, .with_reasons = true, .cursor = *cursor};
	bool good = disk_read(message, &reading);

	if (!good)
		*error = reading.error;
	else
		good = notify_slice(message, NOTICE_FAILURE, &reading, error);
	if (good && reading.count < message->outstanding)
		mark_bounced(message, &reading);
	else if (good)
		message->outstanding = 0;
	*cursor = reading.cursor;
	*at_end = reading.at_end;
	disk_finish_reading(&reading);
	return good;
}

static bool
is_expired(const struct message *message)
{
	struct backoff_limits times = limits();

	if (message->forced_expiry)
		return true;
	return message->attempted > 0 && disk_clock_is_sane() &&
	    backoff_is_expired(&times, message->arrival,
		message->sender_len > 0, clock_wall());
}

/* All that is outstanding goes back to the sender. */
static void
expire(struct message *message)
{
	struct log_context context = context_of(message);
	struct stored_cursor cursor = {0};
	struct error error;
	bool at_end = false;

	log_event(&context, LOG_MESSAGE_EXPIRED,
	    log_address("from", message_sender(message)),
	    log_text("status",
		message->forced_expiry ? SPAN("force-expired")
				       : SPAN("expired")));
	while (!at_end && message->outstanding > 0)
		if (!return_slice(message, &cursor, &at_end, &error)) {
			log_warning(&context, "not returned: %s", error.text);
			return;
		}
}

/* The first slice stands for all: a warning need not be complete. */
static bool
warn(struct message *message)
{
	struct backoff_limits times = limits();
	struct disk_reading reading = {
	    .count = MESSAGE_SLICE, .with_reasons = true};
	struct log_context context = context_of(message);
	struct error error;
	bool good;

	if (!disk_clock_is_sane() ||
	    !backoff_is_warning_due(
		&times, message->arrival, message->warned, clock_wall()))
		return false;
	good = disk_read(message, &reading);
	if (!good)
		error = reading.error;
	else
		good = notify_slice(message, NOTICE_DELAY, &reading, &error);
	disk_finish_reading(&reading);
	if (!good)
		log_warning(&context, "sender not warned: %s", error.text);
	return good;
}

/* ---- putting off ---- */

static void
put_off(struct message *message)
{
	struct backoff_limits times = limits();
	int64_t now = clock_wall();
	int64_t next = backoff_next(&times, message->arrival, now);
	struct log_context context = context_of(message);
	struct journal_entry entries[] = {
	    {.type = JOURNAL_ATTEMPT, .time = now, .next = next},
	    {.type = JOURNAL_WARNED, .time = now},
	};
	struct store_report report = {.entries = entries, .entry_count = 1};
	struct error error = {.kind = ERROR_NONE};
	bool written;

	if (warn(message))
		report.entry_count = 2;
	turn_take(&message->turn);
	if (!disk_record(message, &report, &written, &error))
		log_error(&context, "attempt not recorded: %s", error.text);
	if (!disk_sync(message, &error))
		log_error(&context, "states not synced: %s", error.text);
	if (error.kind != ERROR_NOT_FOUND && !disk_defer(message, next, &error))
		log_error(&context, "not deferred: %s", error.text);
	turn_give(&message->turn);
}

static bool
remove_file(struct message *message)
{
	struct log_context context = context_of(message);
	struct error error;
	bool good;

	turn_take(&message->turn);
	good = message->gone || disk_done(message, &error);
	turn_give(&message->turn);
	if (!good)
		log_error(&context, "not removed: %s", error.text);
	return good;
}

static void
hold(struct message *message)
{
	struct log_context context = context_of(message);
	struct error error;

	turn_take(&message->turn);
	if (!disk_hold(message, &error))
		log_error(&context, "not held: %s", error.text);
	turn_give(&message->turn);
}

static void
finish(void *argument)
{
	struct message *message = argument;

	if (message->outstanding > 0 &&
	    (message->order == ORDER_NONE || message->order == ORDER_EXPIRE) &&
	    is_expired(message))
		expire(message);
	if (message->outstanding == 0) {
		if (remove_file(message))
			log_removed(message);
	} else if (message->order == ORDER_DELETE) {
		(void)remove_file(message);
	} else if (message->order == ORDER_HOLD) {
		hold(message);
	} else if (message->order != ORDER_REQUEUE || !requeue(message)) {
		put_off(message);
	}
	finishing--;
	message_destroy(message);
}

void
finish_settled(struct message *message)
{
	if (!message->gone) {
		finishing++;
		loop_spawn(finish, message);
		return;
	}
	if (message->outstanding == 0)
		log_removed(message);
	message_destroy(message);
}
