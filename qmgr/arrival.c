/* SPDX-License-Identifier: MIT */
#include "qmgr/arrival.h"

#include "lib/daemon/service.h"
#include "lib/log/log.h"
#include "lib/queue/id.h"

#include "qmgr/assign.h"
#include "qmgr/claim.h"
#include "qmgr/decide.h"
#include "qmgr/disk.h"
#include "qmgr/inflow.h"
#include "qmgr/load.h"
#include "qmgr/scan.h"
#include "qmgr/segment_aside.h"

enum {
	RECORD_SIZE = 16 /* the least that a recipient takes in a list */
};

static void
assign_later(void *argument)
{
	struct message *message = argument;
	struct list recipients;
	struct list *node;

	/* They were put aside there by assign_by_route. */
	list_init(&recipients);
	while ((node = list_first(&message->held)) != NULL) {
		list_remove(node);
		list_add_last(&recipients, node);
	}
	assign_by_lookup(message, &recipients);
	message_loaded(message);
}

/* Recipients without a route of today's tables wait in message->held. */
static void
take_recipient(struct message *message, struct batch *batch,
    const struct message_arrival_recipient *record, bool is_current)
{
	struct recipient *recipient =
	    batch_add(batch, record->number, record->address);

	recipient->notify = record->notify;
	if ((record->notify & NOTIFY_EXPANDED) != 0)
		decide_expanded(recipient);
	else if (is_current && record->transport.len > 0)
		assign(recipient, record->transport, record->next_hop);
	else
		list_add_last(&message->held, &recipient->node);
}

static void
take_recipients(struct message *message, const struct message_arrival *arrival)
{
	struct message_arrival_recipient record;
	size_t maximum = arrival->list.len / RECORD_SIZE + 1;
	struct span list = arrival->list;
	bool is_current = assign_is_current(arrival->generation);
	struct batch *batch = message_add_batch(message,
	    maximum < MESSAGE_SLICE ? (uint32_t)maximum : MESSAGE_SLICE);

	while (batch->count < MESSAGE_SLICE &&
	    message_take_arrival_recipient(&list, &record)) {
		take_recipient(message, batch, &record, is_current);
		message->first_unread = record.number + 1;
	}
	message->all_read = batch->count == arrival->recipients;
	batch_filled(batch);
}

static void
log_active(const struct message *message)
{
	struct log_context context = {.queue_id = message_id(message)};

	log_event(&context, LOG_MESSAGE_ACTIVE,
	    log_address("from", message_sender(message)),
	    log_number("size", message->size),
	    log_number("nrcpt", message->outstanding));
}

static void
begin(const struct locator *locator, const struct message_arrival *arrival)
{
	struct message *message =
	    message_create(locator, arrival->sender, AGE_FRESH);

	message->size = arrival->size;
	message->flags = arrival->flags;
	message->arrival = id_time(&locator->id);
	message->outstanding = arrival->recipients;
	log_active(message);
	take_recipients(message, arrival);
	if (list_is_empty(&message->held))
		message_loaded(message);
	else
		loop_spawn(assign_later, message);
}

void
arrival_meet(struct peer *peer, struct frame *frame UNUSED)
{
	if (inflow_met(peer))
		segment_aside_tell(peer);
}

void
arrival_take(struct peer *peer, struct frame *frame)
{
	struct message_arrival arrival;
	struct locator locator = {.place = PLACE_INCOMING};

	if (!message_get_arrival(frame->payload, &arrival) ||
	    !id_parse(arrival.queue_id, &locator.id)) {
		log_warning(NULL, "%s sent a wrong ARRIVAL", peer_name(peer));
		return;
	}
	locator.in = (struct locator_segment){
	    .segment = arrival.segment,
	    .number = arrival.segment_number,
	    .offset = arrival.segment_offset,
	    .length = arrival.segment_length,
	    .generation = arrival.segment_generation,
	};
	if (service_is_draining())
		return;
	/* Before the queue is ours the message waits; the first scan may find
	 * it still locked by cleanup. */
	if (!disk_is_open() || !message_has_room()) {
		scan_want_message(&locator, LOAD_INCOMING);
		return;
	}
	/* A scan that met the file before may have found it locked. */
	if (!claim_is_possible(&locator.id))
		claim_want(&locator.id);
	else if ((arrival.flags & MESSAGE_FLAG_REQUEUED) != 0)
		load_when_written(&locator);
	else
		begin(&locator, &arrival);
}
