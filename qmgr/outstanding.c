/* SPDX-License-Identifier: MIT */
#include "qmgr/outstanding.h"

#include "lib/base/memory.h"
#include "lib/log/log.h"

#include "qmgr/disk.h"
#include "qmgr/notice.h"

enum {
	BOUNCE_PATIENCE = 60 /* seconds for a bounce agent to be free */
};

/* What its last reason says about an outstanding recipient. */
enum standing {
	STANDING_OPEN,
	STANDING_FAILED,
	STANDING_DELIVERED,
	STANDINGS
};

static enum standing
standing_of(const struct stored_reason *reason)
{
	if (reason->success != SUCCESS_NONE)
		return STANDING_DELIVERED;
	return span_starts(reason->status, SPAN("5.")) ? STANDING_FAILED
						       : STANDING_OPEN;
}

bool
outstanding_is_due(const struct stored_reason *reason)
{
	return standing_of(reason) != STANDING_OPEN;
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

/* What becomes of it with its notice. */
static enum delivery_outcome
outcome_of(const struct stored_reason *reason, enum notice_kind kind)
{
	static const enum delivery_outcome successes[] = {
	    [SUCCESS_NONE] = DELIVERY_SENT,
	    [SUCCESS_DELIVERED] = DELIVERY_SENT,
	    [SUCCESS_RELAYED] = DELIVERY_RELAYED,
	    [SUCCESS_EXPANDED] = DELIVERY_EXPANDED,
	};

	static const enum delivery_outcome others[] = {
	    [NOTICE_FAILURE] = DELIVERY_BOUNCED,
	    [NOTICE_DELAY] = DELIVERY_DEFERRED,
	};

	return kind == NOTICE_SUCCESS ? successes[reason->success]
				      : others[kind];
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
		    outcome_of(&reading->reasons[i], kind));
	good = notice_send(message, kind, reading, results,
	    loop_deadline(BOUNCE_PATIENCE), error);
	free(results);
	return good;
}

/* Those of the wanted standings, in arrays of their own. */
static struct disk_reading
select_some(const struct disk_reading *reading, const bool is_wanted[STANDINGS])
{
	struct disk_reading some = *reading;

	some.recipients =
	    memory_alloc((reading->count + 1) * sizeof *some.recipients);
	some.reasons =
	    memory_alloc((reading->count + 1) * sizeof *some.reasons);
	some.count = 0;
	for (size_t i = 0; i < reading->count; i++) {
		if (!is_wanted[standing_of(&reading->reasons[i])])
			continue;
		some.recipients[some.count] = reading->recipients[i];
		some.reasons[some.count++] = reading->reasons[i];
	}
	return some;
}

static void
free_selected(struct disk_reading *some)
{
	free(some->recipients);
	free(some->reasons);
}

static void
mark(struct message *message, const struct disk_reading *reading,
    enum recipient_state state)
{
	struct log_context context = {.queue_id = message_id(message)};
	struct store_mark *marks =
	    memory_alloc((reading->count + 1) * sizeof *marks);
	struct store_report report = {
	    .marks = marks, .mark_count = reading->count};
	struct error error;
	bool written;

	for (size_t i = 0; i < reading->count; i++)
		marks[i] =
		    (struct store_mark){reading->recipients[i].number, state};
	turn_take(&message->turn);
	if (!disk_record(message, &report, &written, &error))
		log_error(&context, "states not recorded: %s", error.text);
	turn_give(&message->turn);
	message->outstanding -= (uint32_t)reading->count;
	free(marks);
}

/* The last ones need no mark: the message is removed. */
static bool
return_these(struct message *message, enum notice_kind kind,
    const struct disk_reading *reading, struct error *error)
{
	if (reading->count == 0)
		return true;
	if (!notify(message, kind, reading, error))
		return false;
	if (reading->count < message->outstanding)
		mark(message, reading,
		    kind == NOTICE_SUCCESS ? RECIPIENT_DONE
					   : RECIPIENT_BOUNCED);
	else
		message->outstanding = 0;
	return true;
}

static bool
return_some(struct message *message, enum notice_kind kind,
    const struct disk_reading *reading, const bool is_wanted[STANDINGS],
    struct error *error)
{
	struct disk_reading some = select_some(reading, is_wanted);
	bool good = return_these(message, kind, &some, error);

	free_selected(&some);
	return good;
}

static bool
return_slice(struct message *message, enum outstanding_part part,
    struct stored_cursor *cursor, bool *at_end, struct error *error)
{
	static const bool delivered[STANDINGS] = {[STANDING_DELIVERED] = true};
	const bool failed[STANDINGS] = {
	    [STANDING_FAILED] = part != OUTSTANDING_DELIVERED,
	    [STANDING_OPEN] = part == OUTSTANDING_ALL,
	};
	struct disk_reading reading = {
	    .count = MESSAGE_SLICE, .with_reasons = true, .cursor = *cursor};
	bool good = disk_read(message, &reading);

	if (!good)
		*error = reading.error;
	good = good &&
	    return_some(message, NOTICE_SUCCESS, &reading, delivered, error) &&
	    return_some(message, NOTICE_FAILURE, &reading, failed, error);
	*cursor = reading.cursor;
	*at_end = reading.at_end;
	disk_finish_reading(&reading);
	return good;
}

bool
outstanding_return(
    struct message *message, enum outstanding_part part, struct error *error)
{
	struct stored_cursor cursor = {0};
	bool at_end = false;

	while (!at_end && message->outstanding > 0)
		if (!return_slice(message, part, &cursor, &at_end, error))
			return false;
	message->due = 0;
	return true;
}

bool
outstanding_warn(struct message *message, struct error *error)
{
	static const bool open[STANDINGS] = {[STANDING_OPEN] = true};
	struct disk_reading reading = {
	    .count = MESSAGE_SLICE, .with_reasons = true};
	struct disk_reading some;
	bool good = disk_read(message, &reading);

	if (good) {
		some = select_some(&reading, open);
		good = notify(message, NOTICE_DELAY, &some, error);
		free_selected(&some);
	} else {
		*error = reading.error;
	}
	disk_finish_reading(&reading);
	return good;
}
