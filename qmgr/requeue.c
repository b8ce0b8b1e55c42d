/* SPDX-License-Identifier: MIT */
#include "qmgr/requeue.h"

#include "lib/base/memory.h"
#include "lib/daemon/cleanup_answer.h"
#include "lib/ipc/switchboard.h"
#include "lib/log/log.h"
#include "lib/loop/offload.h"
#include "lib/mail/dsn.h"

#include "qmgr/disk.h"
#include "qmgr/wire.h"

enum {
	DIAL_PATIENCE = 30,    /* seconds */
	ANSWER_PATIENCE = 300, /* seconds */
	CHUNK = 64 << 10
};

static bool
begin(struct conversation *conversation, const struct message *message,
    const struct stored *stored, struct error *error)
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
	};
	char id[CLEANUP_ID_SIZE];

	conversation_send_begin(conversation, &begin);
	return cleanup_answer_id(
	    conversation, loop_deadline(ANSWER_PATIENCE), id, error);
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
    struct error *error)
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
			good =
			    begin(conversation, message, reading.stored, error);
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

static bool
submit(struct message *message, struct error *error)
{
	struct conversation *conversation = switchboard_converse(
	    "cleanup", loop_deadline(DIAL_PATIENCE), error);
	struct message_end end = {.commit = true};
	bool good;

	if (conversation == NULL)
		return false;
	good = send_all(conversation, message, error);
	if (good) {
		conversation_send_end(conversation, &end);
		good = cleanup_answer_accepted(
		    conversation, loop_deadline(ANSWER_PATIENCE), error);
	}
	conversation_close(conversation);
	return good;
}

bool
requeue(struct message *message)
{
	struct log_context context = {.queue_id = message_id(message)};
	struct error error;
	bool good = submit(message, &error);

	if (!good) {
		log_warning(&context, "not requeued: %s", error.text);
		return false;
	}
	turn_take(&message->turn);
	good = disk_done(message, &error);
	turn_give(&message->turn);
	if (!good)
		log_error(&context,
		    "requeued, but the old file is still there: %s",
		    error.text);
	return good;
}
