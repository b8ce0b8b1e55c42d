/* SPDX-License-Identifier: MIT */
#include "qmgr/finish.h"

#include "lib/base/clock.h"
#include "lib/daemon/service.h"
#include "lib/log/log.h"

#include "qmgr/disk.h"
#include "qmgr/due.h"
#include "qmgr/outstanding.h"
#include "qmgr/params.h"
#include "qmgr/quarantine.h"
#include "qmgr/requeue.h"

/* Messages in finish(). */
static size_t finishing;

size_t
finish_count(void)
{
	return finishing;
}

struct backoff_limits
finish_limits(void)
{
	return (struct backoff_limits){
	    .minimum = service_common()->minimal_backoff_time,
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

static bool
is_expired(const struct message *message)
{
	struct backoff_limits times = finish_limits();

	if (message->forced_expiry)
		return true;
	return message->attempted > 0 && disk_clock_is_sane() &&
	    backoff_is_expired(&times, message->arrival,
		message->sender_len > 0, clock_wall());
}

/* What failed for good goes back to the sender; all that is outstanding does
 * when the message is too old. One that is to be queued anew must not have in
 * it what was delivered. False: somebody was not told. */
static bool
give_back(struct message *message)
{
	struct log_context context = context_of(message);
	bool requeues = message->order == ORDER_REQUEUE;
	bool expired = !requeues && is_expired(message);
	struct error error;

	if (expired)
		log_event(&context, LOG_MESSAGE_EXPIRED,
		    log_address("from", message_sender(message)),
		    log_text("status",
			message->forced_expiry ? SPAN("force-expired")
					       : SPAN("expired")));
	if ((!expired && !requeues && message->due == 0) ||
	    outstanding_return(message,
		requeues      ? OUTSTANDING_DELIVERED
		    : expired ? OUTSTANDING_ALL
			      : OUTSTANDING_DUE,
		&error))
		return true;
	log_warning(&context, "sender not told: %s", error.text);
	return false;
}

static bool
warn(struct message *message)
{
	struct backoff_limits times = finish_limits();
	struct log_context context = context_of(message);
	struct error error;

	if (!disk_clock_is_sane() ||
	    !backoff_is_warning_due(
		&times, message->arrival, message->warned, clock_wall()))
		return false;
	if (outstanding_warn(message, &error))
		return true;
	log_warning(&context, "sender not warned: %s", error.text);
	return false;
}

/* ---- putting off ---- */

static void
put_off(struct message *message)
{
	struct backoff_limits times = finish_limits();
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
	due_note(&message->locator.id, next, now);
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

static bool
gives_back(enum message_order order)
{
	return order == ORDER_NONE || order == ORDER_EXPIRE ||
	    order == ORDER_REQUEUE;
}

static void
finish(void *argument)
{
	struct message *message = argument;
	bool is_told = message->outstanding == 0 ||
	    !gives_back(message->order) || give_back(message);

	if (message->outstanding == 0) {
		if (remove_file(message))
			log_removed(message);
	} else if (message->order == ORDER_DELETE) {
		(void)remove_file(message);
	} else if (message->order == ORDER_SET_ASIDE) {
		quarantine_message(message);
	} else if (message->order == ORDER_HOLD) {
		hold(message);
	} else if (message->order != ORDER_REQUEUE || !is_told ||
	    !requeue(message)) {
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
