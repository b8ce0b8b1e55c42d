/* SPDX-License-Identifier: MIT */
#include "qmgr/load.h"

#include "lib/base/clock.h"
#include "lib/base/memory.h"
#include "lib/daemon/service.h"
#include "lib/log/log.h"
#include "lib/loop/offload.h"
#include "lib/queue/replacement.h"

#include "qmgr/assign.h"
#include "qmgr/claim.h"
#include "qmgr/decide.h"
#include "qmgr/disk.h"
#include "qmgr/due.h"
#include "qmgr/finish.h"
#include "qmgr/flush.h"
#include "qmgr/outstanding.h"
#include "qmgr/quarantine.h"
#include "qmgr/restart.h"
#include "qmgr/scan.h"
#include "qmgr/suspects.h"
#include "qmgr/wire.h"

enum {
	READ_TRIES = 5,
	READ_PAUSE = 1000,    /* milliseconds */
	POLL_INTERVAL = 20,   /* the same */
	OLD_PATIENCE = 20000, /* the same */
	WRITTEN_TRIES = 250   /* POLL_INTERVAL apart */
};

static void
log_active(const struct message *message)
{
	struct log_context context = {.queue_id = message_id(message)};

	log_event(&context, LOG_MESSAGE_ACTIVE,
	    log_address("from", message_sender(message)),
	    log_number("size", message->size),
	    log_number("nrcpt", message->outstanding));
}

/* What is wrong with a file, where it matters. */
static void
log_result(const struct locator *locator, const struct disk_reading *reading)
{
	struct log_context context = {.queue_id = span_text(locator->id.text)};

	switch (reading->result) {
	case STORED_NEVER_ACCEPTED:
		log_info(&context, "removed, was never accepted: %s",
		    reading->error.text);
		break;
	case STORED_NEWER:
		log_warning(&context, "left alone: %s", reading->error.text);
		break;
	case STORED_CORRUPT:
		log_error(
		    &context, "set aside in corrupt: %s", reading->error.text);
		break;
	case STORED_FAILED:
		log_error(&context, "not read: %s", reading->error.text);
		break;
	case STORED_COMPLETE:
	case STORED_BUSY:
	case STORED_GONE:
		break;
	}
}

/* Adds what was read as a batch, but for those whose notice is due; those that
 * an agent has in hand, and aliases, stay out of *recipients. */
static void
add_recipients(struct message *message, const struct disk_reading *reading,
    struct list *recipients)
{
	struct batch *batch;

	if (reading->count == 0)
		return;
	batch = message_add_batch(message, (uint32_t)reading->count);
	batch->start = message->cursor;
	for (size_t i = 0; i < reading->count; i++) {
		const struct stored_recipient *stored = &reading->recipients[i];
		struct recipient *recipient;
		bool in_hand;

		if (stored->number < message->first_unread)
			continue;
		in_hand = restart_has(&message->locator.id, stored->number);
		if (!in_hand && outstanding_is_due(&reading->reasons[i])) {
			message->due++;
			continue;
		}
		recipient = batch_add(batch, stored->number, stored->address);
		recipient->notify = stored->flags;
		recipient->reason_check =
		    report_check_reason(&reading->reasons[i]);
		if ((stored->flags & RECIPIENT_EXPANDED) != 0)
			decide_expanded(recipient);
		else
			list_add_last(in_hand ? &message->held : recipients,
			    &recipient->node);
	}
	batch_filled(batch);
}

static void
take_slice(struct message *message, const struct disk_reading *reading)
{
	struct list recipients;

	list_init(&recipients);
	add_recipients(message, reading, &recipients);
	message->cursor = reading->cursor;
	/* A slice may end before what came with the notice does. */
	if (message->first_unread < reading->cursor.number)
		message->first_unread = reading->cursor.number;
	message->all_read = reading->at_end;
	message->is_awaited =
	    restart_has_from(&message->locator.id, message->first_unread);
	if (message->order == ORDER_NONE)
		assign_by_lookup(message, &recipients);
	else
		message_close_recipients(message, &recipients);
	message_loaded(message);
}

static struct message *
make_message(const struct disk_reading *reading, enum load_mode mode)
{
	const struct stored *stored = reading->stored;
	bool fresh =
	    stored->attempts == 0 && stored->locator.place == PLACE_INCOMING;
	struct message *message = message_create(&stored->locator,
	    stored->attribute[ATTRIBUTE_SENDER], fresh ? AGE_FRESH : AGE_RETRY);

	message->size = stored_size(stored);
	message->flags = wire_message_flags(stored);
	message->arrival = stored->arrival;
	message->warned = stored->warned;
	message->flushed = mode == LOAD_SITE ? flush_site_time() : 0;
	message->is_asked_for = mode == LOAD_NOW || mode == LOAD_SITE;
	message->forced_expiry = stored->expired != 0;
	/* It goes back without another attempt. */
	if (message->forced_expiry)
		message->order = ORDER_EXPIRE;
	/* It was held while there was no qmgr, and an agent has had a part of
	 * it in hand since. */
	if (message->locator.place == PLACE_HOLD)
		message->order = ORDER_HOLD;
	message->outstanding = stored->outstanding;
	return message;
}

static bool
is_wanted(const struct stored *stored, enum load_mode mode)
{
	struct backoff_limits limits = finish_limits();

	return mode == LOAD_NOW || mode == LOAD_SITE || mode == LOAD_REQUEUE ||
	    stored->outstanding == 0 || stored->expired != 0 ||
	    stored->requeue != 0 ||
	    backoff_is_due(&limits, stored->next_attempt, clock_wall());
}

/* Was deferred, but somebody died before it was moved. */
static void
put_off(const struct stored *stored)
{
	struct log_context context = {
	    .queue_id = span_text(stored->locator.id.text)};
	struct locator locator = stored->locator;
	struct error error;

	due_note(&locator.id, stored->next_attempt, clock_wall());
	if (locator.place == PLACE_INCOMING &&
	    !disk_put_off(&locator, stored->next_attempt, &error) &&
	    error.kind != ERROR_NOT_FOUND)
		log_error(&context, "not moved: %s", error.text);
}

/* A damaged file outside incoming is judged once more under lock, and moved. */
static bool
read_message(const struct locator *locator, enum load_mode mode,
    struct disk_reading *reading)
{
	if (disk_read_new(reading, mode == LOAD_INCOMING))
		return true;
	if (mode == LOAD_INCOMING || reading->result != STORED_CORRUPT)
		return false;
	disk_finish_reading(reading);
	reading->locator = *locator;
	return disk_read_new(reading, true);
}

/* ---- messages that were queued anew ---- */

struct replacing {
	const struct stored *stored;
	bool is_superseded;
	bool good;
	struct error error;
};

static void
job_replace(void *argument)
{
	struct replacing *replacing = argument;

	replacing->is_superseded =
	    replacement_is_superseded(disk_store(), replacing->stored);
	replacing->good =
	    replacement_end(disk_store(), replacing->stored, &replacing->error);
}

/* It is being requeued just now, and the answer was lost. */
static void
wait_for_old(struct span replaces)
{
	int64_t deadline = loop_now() + OLD_PATIENCE;
	struct queue_id id;

	if (!id_parse(replaces, &id))
		return;
	while (message_find(&id) != NULL && loop_now() < deadline)
		loop_sleep_until(loop_now() + POLL_INTERVAL);
}

/* Of the two only one is delivered. */
static bool
is_the_one(const struct stored *stored)
{
	struct replacing replacing = {.stored = stored};
	struct span replaces = stored->attribute[ATTRIBUTE_REPLACES];
	struct log_context context = {
	    .queue_id = span_text(stored->locator.id.text)};

	if (stored->successor.text[0] == '\0' && replaces.len == 0)
		return true;
	wait_for_old(replaces);
	offload_run(job_replace, &replacing);
	if (!replacing.good)
		log_error(&context, "message %.*s, which it replaces: %s",
		    SPAN_ARGS(replaces), replacing.error.text);
	return replacing.good && !replacing.is_superseded;
}

static void
begin_requeue(struct message *message)
{
	message->order = ORDER_REQUEUE;
	message_loaded(message);
}

static void
begin_delivery(struct message *message, const struct disk_reading *reading)
{
	log_active(message);
	take_slice(message, reading);
}

void
load(const struct locator *locator, enum load_mode mode)
{
	struct disk_reading reading = {
	    .count = message_slice(NULL),
	    .with_reasons = true,
	    .locator = *locator,
	};
	struct message *message = NULL;

	if (!claim_take(&locator->id))
		return;
	if (suspects_has_guilty(&locator->id)) {
		quarantine_file(locator);
		(void)claim_give(&locator->id);
		return;
	}
	if (!read_message(locator, mode, &reading))
		log_result(locator, &reading);
	else if (!is_the_one(reading.stored))
		message = NULL;
	else if (is_wanted(reading.stored, mode))
		message = make_message(&reading, mode);
	else
		put_off(reading.stored);
	if (claim_give(&locator->id) && reading.result == STORED_BUSY)
		scan_want_message(locator, mode);
	if (message != NULL &&
	    (mode == LOAD_REQUEUE || reading.stored->requeue != 0))
		begin_requeue(message);
	else if (message != NULL)
		begin_delivery(message, &reading);
	disk_finish_reading(&reading);
}

static void
run_when_written(void *argument)
{
	struct locator *locator = argument;

	for (int i = 0; i < WRITTEN_TRIES && !service_is_draining(); i++) {
		load(locator, LOAD_INCOMING);
		if (message_find(&locator->id) != NULL)
			break;
		loop_sleep_until(loop_now() + POLL_INTERVAL);
	}
	free(locator);
}

void
load_when_written(const struct locator *locator)
{
	struct locator *copy = memory_alloc(sizeof *copy);

	*copy = *locator;
	loop_spawn(run_when_written, copy);
}

/* ---- the next slice ---- */

/* Recipients that cannot be read now are left to the next attempt. */
static void
read_more(void *argument)
{
	struct message *message = argument;
	struct log_context context = {.queue_id = message_id(message)};

	for (int i = 0; i < READ_TRIES; i++) {
		struct disk_reading reading = {
		    .count = message_slice(message),
		    .with_reasons = true,
		    .cursor = message->cursor,
		};
		bool good = disk_read(message, &reading);

		if (good)
			take_slice(message, &reading);
		else
			log_error(&context, "recipients not read: %s",
			    reading.error.text);
		disk_finish_reading(&reading);
		if (good)
			return;
		loop_sleep_until(loop_now() + READ_PAUSE);
	}
	message->all_read = true;
	message_loaded(message);
}

void
load_more(struct message *message)
{
	loop_spawn(read_more, message);
}
