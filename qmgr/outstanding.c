/* SPDX-License-Identifier: MIT */
#include "qmgr/outstanding.h"

#include "lib/base/memory.h"
#include "lib/log/log.h"

#include "qmgr/disk.h"
#include "qmgr/notice.h"

bool
outstanding_has_failed(const struct stored_reason *reason)
{
	return span_starts(reason->status, SPAN("5."));
}

/* For a recipient that was never tried. */
static struct span
reason_of(const struct message *message)
{
	return message->forced_expiry
	    ? SPAN("message is administratively expired")
	    : SPAN("delivery time expired");
}

static struct result
result_from_reason(const struct message *message,
    const struct stored_reason *reason, enum delivery_outcome outcome)
{
	return (struct result){
	    .number = reason->recipient,
	    .outcome = outcome,
	    .dsn = reason->status.len > 0 ? reason->status : SPAN("4.4.7"),
	    .text = reason->text.len > 0 ? reason->text : reason_of(message),
	    .remote = reason->remote,
	    .reply = reason->diagnostic,
	};
}

static bool
notify(struct message *message, enum notice_kind kind,
    const struct disk_reading *reading, struct error *error)
{
	struct result *results =
	    memory_alloc((reading->count + 1) * sizeof *results);
	bool good;

	for (size_t i = 0; i < reading->count; i++)
		results[i] = result_from_reason(message, &reading->reasons[i],
		    kind == NOTICE_DELAY ? DELIVERY_DEFERRED
					 : DELIVERY_BOUNCED);
	good = notice_send(message, kind, reading, results, error);
	free(results);
	return good;
}

/* Keeps those that have failed, or those that have not. */
static void
keep(struct disk_reading *reading, bool failed)
{
	size_t kept = 0;

	for (size_t i = 0; i < reading->count; i++) {
		if (outstanding_has_failed(&reading->reasons[i]) != failed)
			continue;
		reading->recipients[kept] = reading->recipients[i];
		reading->reasons[kept] = reading->reasons[i];
		kept++;
	}
	reading->count = kept;
}

static void
mark_bounced(struct message *message, const struct disk_reading *reading)
{
	struct log_context context = {.queue_id = message_id(message)};
	struct store_mark *marks =
	    memory_alloc((reading->count + 1) * sizeof *marks);
	struct store_report report = {
	    .marks = marks, .mark_count = reading->count};
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

/* The last ones need no mark: the message is removed. */
static bool
return_these(struct message *message, const struct disk_reading *reading,
    struct error *error)
{
	if (reading->count == 0)
		return true;
	if (!notify(message, NOTICE_FAILURE, reading, error))
		return false;
	if (reading->count < message->outstanding)
		mark_bounced(message, reading);
	else
		message->outstanding = 0;
	return true;
}

static bool
return_slice(struct message *message, bool only_failed,
    struct stored_cursor *cursor, bool *at_end, struct error *error)
{
	struct disk_reading reading = {
	    .count = MESSAGE_SLICE, .with_reasons = true, .cursor = *cursor};
	bool good = disk_read(message, &reading);

	if (!good)
		*error = reading.error;
	if (good && only_failed)
		keep(&reading, true);
	good = good && return_these(message, &reading, error);
	*cursor = reading.cursor;
	*at_end = reading.at_end;
	disk_finish_reading(&reading);
	return good;
}

bool
outstanding_return(
    struct message *message, bool only_failed, struct error *error)
{
	struct stored_cursor cursor = {0};
	bool at_end = false;

	while (!at_end && message->outstanding > 0)
		if (!return_slice(
			message, only_failed, &cursor, &at_end, error))
			return false;
	message->failed = 0;
	return true;
}

bool
outstanding_warn(struct message *message, struct error *error)
{
	struct disk_reading reading = {
	    .count = MESSAGE_SLICE, .with_reasons = true};
	bool good = disk_read(message, &reading);

	if (good) {
		keep(&reading, false);
		good = notify(message, NOTICE_DELAY, &reading, error);
	} else {
		*error = reading.error;
	}
	disk_finish_reading(&reading);
	return good;
}
