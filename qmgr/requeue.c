/* SPDX-License-Identifier: MIT */
#include "qmgr/requeue.h"

#include "lib/base/memory.h"
#include "lib/daemon/cleanup_answer.h"
#include "lib/ipc/switchboard.h"
#include "lib/log/log.h"
#include "lib/loop/offload.h"
#include "lib/mail/dsn.h"

#include "qmgr/claim.h"
#include "qmgr/disk.h"
#include "qmgr/load.h"
#include "qmgr/wire.h"
#include "qmgr/wish.h"

enum {
	DIAL_PATIENCE = 30,    /* seconds */
	ANSWER_PATIENCE = 300, /* seconds */
	CHUNK = 64 << 10
};

/* Nobody loads the new message before the old one is out of the way. */
static bool
begin(struct conversation *conversation, const struct message *message,
    const struct stored *stored, struct queue_id *successor,
    struct error *error)
{
	const struct span *attribute = stored->attribute;
	struct message_begin begin = {
	    .sender = message_sender(message),
	    .flags = wire_message_flags(stored) | MESSAGE_FLAG_REQUEUED,
	    .client_name = attribute[ATTRIBUTE_CLIENT_NAME],
	    .client_address = attribute[ATTRIBUTE_CLIENT_ADDRESS],
	    .helo = attribute[ATTRIBUTE_HELO],
	    .protocol = attribute[ATTRIBUTE_PROTOCOL],
	    .envelope_id = attribute[ATTRIBUTE_ENVELOPE_ID],
	    .ret = wire_ret(stored),
	    .replaces = message_id(message),
	};
	char text[CLEANUP_ID_SIZE];
	struct queue_id id;

	conversation_send_begin(conversation, &begin);
	if (!cleanup_answer_id(
		conversation, loop_deadline(ANSWER_PATIENCE), text, error))
		return false;
	if (!id_parse(span_text(text), &id) || !claim_take(&id))
		return error_set(
		    error, ERROR_INVALID, "cleanup gave the id %s", text);
	*successor = id;
	return true;
}

static bool
send_recipients(struct conversation *conversation,
    const struct disk_reading *reading, struct error *error)
{
	for (size_t i = 0; i < reading->count; i++) {
		const struct stored_recipient *stored = &reading->recipients[i];
		struct message_recipient recipient = {
		    .address = stored->address,
		    .original = dsn_decode_orcpt(reading->pool, stored->orcpt),
		    .notify = stored->flags,
		    .original_recipient = stored->original,
		};

		conversation_send_recipient(conversation, &recipient);
	}
	for (size_t i = 0; i < reading->count; i++)
		if (!cleanup_answer_accepted(
			conversation, loop_deadline(ANSWER_PATIENCE), error))
			return false;
	return true;
}

/* One chunk of a part, read in a thread. */
struct chunk {
	const struct stored *stored;
	const struct part *part;
	struct extent range;
	char *bytes;
	bool good;
	struct error error;
};

static void
job_read_chunk(void *argument)
{
	struct chunk *chunk = argument;

	chunk->good = stored_read_part(chunk->stored, chunk->part, chunk->range,
	    chunk->bytes, &chunk->error);
}

static bool
send_part(struct conversation *conversation, const struct stored *stored,
    const struct part *part, struct error *error)
{
	struct chunk chunk = {
	    .stored = stored, .part = part, .bytes = memory_alloc(CHUNK)};
	uint64_t left = part->extent.length;
	bool good = true;

	for (; left > 0 && good; left -= chunk.range.length) {
		chunk.range.length = left < CHUNK ? left : CHUNK;
		offload_run(job_read_chunk, &chunk);
		if (!chunk.good)
			*error = chunk.error;
		good = chunk.good &&
		    conversation_send_content(conversation,
			span_of(chunk.bytes, chunk.range.length), false,
			loop_deadline(ANSWER_PATIENCE), error);
		chunk.range.offset += chunk.range.length;
	}
	free(chunk.bytes);
	return good;
}

static bool
send_content(struct conversation *conversation, const struct stored *stored,
    struct error *error)
{
	return send_part(conversation, stored, &stored->header, error) &&
	    send_part(conversation, stored, &stored->body, error);
}

/* All recipients slice by slice; the content goes with the last one. */
static bool
send_all(struct conversation *conversation, struct message *message,
    struct queue_id *successor, struct error *error)
{
	struct stored_cursor cursor = {0};
	bool good = true;
	bool at_end = false;

	while (good && !at_end) {
		struct disk_reading reading = {
		    .count = MESSAGE_SLICE, .cursor = cursor};

		good = disk_read(message, &reading);
		if (!good)
			*error = reading.error;
		if (good && cursor.number == 0)
			good = begin(conversation, message, reading.stored,
			    successor, error);
		good = good && send_recipients(conversation, &reading, error);
		cursor = reading.cursor;
		at_end = reading.at_end;
		if (good && at_end)
			good =
			    send_content(conversation, reading.stored, error);
		disk_finish_reading(&reading);
	}
	return good;
}

/* After that only one of the two is delivered, whoever dies. */
static bool
name_successor(struct message *message, const struct queue_id *successor,
    struct error *error)
{
	struct journal_entry entry = {
	    .type = JOURNAL_SUCCESSOR, .successor = *successor};
	bool good;

	turn_take(&message->turn);
	good = wish_record(message, &entry, error);
	turn_give(&message->turn);
	return good;
}

static bool
submit(struct message *message, struct queue_id *successor, struct error *error)
{
	struct conversation *conversation = switchboard_converse(
	    "cleanup", loop_deadline(DIAL_PATIENCE), error);
	struct message_end end = {.commit = true};
	bool good;

	if (conversation == NULL)
		return false;
	good = send_all(conversation, message, successor, error) &&
	    name_successor(message, successor, error);
	if (good) {
		conversation_send_end(conversation, &end);
		good = cleanup_answer_accepted(
		    conversation, loop_deadline(ANSWER_PATIENCE), error);
	}
	conversation_close(conversation);
	return good;
}

static bool
remove_old(struct message *message)
{
	struct log_context context = {.queue_id = message_id(message)};
	struct error error;
	bool good;

	turn_take(&message->turn);
	good = disk_done(message, &error);
	turn_give(&message->turn);
	if (!good)
		log_error(&context,
		    "requeued, but the old file is still there: %s",
		    error.text);
	return good;
}

bool
requeue(struct message *message)
{
	struct log_context context = {.queue_id = message_id(message)};
	struct locator successor = {.place = PLACE_INCOMING};
	struct error error;
	bool good = submit(message, &successor.id, &error);

	if (!good)
		log_warning(&context, "not requeued: %s", error.text);
	else
		good = remove_old(message);
	/* It may be durable although the answer was lost. */
	if (successor.id.text[0] != '\0' && (claim_give(&successor.id) || good))
		load_when_written(&successor);
	return good;
}
