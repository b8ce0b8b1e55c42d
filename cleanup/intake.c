/* SPDX-License-Identifier: MIT */
#include "cleanup/intake.h"

#include <sys/stat.h>

#include "lib/base/clock.h"
#include "lib/base/io.h"
#include "lib/base/pool.h"
#include "lib/daemon/flight.h"
#include "lib/daemon/service.h"
#include "lib/log/log.h"
#include "lib/loop/loop.h"
#include "lib/mail/content.h"
#include "lib/mail/reply.h"

#include "cleanup/arrival.h"
#include "cleanup/envelope.h"
#include "cleanup/header_edit.h"
#include "cleanup/header_rewrite.h"
#include "cleanup/params.h"
#include "cleanup/room.h"
#include "cleanup/writer.h"

enum {
	MESSAGE_POOL_MAXIMUM = 16 << 20, /* bytes, mostly of recipients */
	MESSAGE_ID_MAXIMUM = 2048        /* bytes of Message-ID kept */
};

struct intake {
	struct conversation *conversation;
	struct pool *pool;
	struct queue_id id;
	int64_t arrival;
	struct log_context log;
	struct message_begin begin; /* its texts live in the pool */
	struct writer writer;
	struct envelope envelope;
	struct content content;
	struct header_edit header;
	struct reply failure; /* why the message is lost; code 0: it is not */
	bool has_ended;       /* the verdict was given, COMMIT is due */
};

enum step {
	STEP_NEXT,
	STEP_DONE,
	STEP_WRONG /* the client does not keep to the protocol */
};

/* The process has one queue, so its state is one static object. */
static struct {
	struct store *store;
	struct id_source ids;
} queue;

bool
intake_open(struct error *error)
{
	int incoming = service_descriptor("incoming");
	int hold = service_descriptor("hold");
	bool group_files = service_common()->mail_owner[0] != '\0';

	id_source_init(&queue.ids, service_process() % ID_WRITERS);
	if (incoming < 0 || hold < 0)
		return error_set(
		    error, ERROR_INVALID, "master gave no queue directories");
	if (group_files)
		umask(0);
	queue.store = store_attach(incoming, hold, group_files);
	return true;
}

static void
send_reply(struct intake *intake, const struct reply *reply)
{
	char status[REPLY_STATUS_SIZE];

	conversation_send_reply(intake->conversation,
	    &(struct message_reply){
		.code = reply->code,
		.status = span_text(reply_format_status(reply->status, status)),
		.text = span_text(reply->text),
	    });
}

/* The first thing that goes wrong decides. */
static void
fail(struct intake *intake, uint16_t code, const char *status, const char *text)
{
	if (intake->failure.code == 0)
		reply_set(&intake->failure, code, status, "%s", text);
}

static void
fail_storage(struct intake *intake, const struct error *error)
{
	log_warning(&intake->log, "queue file: %s", error->text);
	if (put_error_is_full(error))
		fail(intake, 452, "4.3.1", "Insufficient system storage");
	else
		fail(intake, 451, "4.3.0", "Error: queue file write error");
}

static bool
write_body(struct intake *intake, struct span run)
{
	struct error error;

	if (writer_body(&intake->writer, run, &error))
		return true;
	fail_storage(intake, &error);
	return false;
}

static bool
spill_header(void *owner, struct span run)
{
	return write_body(owner, run);
}

static bool
take_run(void *owner, enum content_part part, struct span run)
{
	struct intake *intake = owner;

	return part == CONTENT_HEADER ? header_edit_feed(&intake->header, run)
				      : write_body(intake, run);
}

static void
open_content(struct intake *intake)
{
	const struct common_params *common = service_common();
	size_t header_maximum = (size_t)common->header_size_limit;

	header_edit_init(&intake->header,
	    &(struct header_edit_settings){
		.drop = span_text(cleanup_params.message_drop_headers),
		.field_maximum = header_maximum,
		.block_maximum = header_maximum,
		.spill = spill_header,
		.owner = intake,
	    });
	content_init(&intake->content,
	    &(struct content_options){
		.mode = CONTENT_CHUNKS,
		.bare = CONTENT_BARE_NORMALIZE,
		.maximum = (uint64_t)common->message_size_limit,
		.sink = take_run,
		.owner = intake,
	    });
}

/* The texts of BEGIN are copied by keeping a copy of its payload. */
static bool
keep_begin(struct intake *intake, const struct frame *first)
{
	struct span payload;

	return pool_copy_span(intake->pool, first->payload, &payload) &&
	    message_get_begin(payload, &intake->begin) &&
	    envelope_set_sender(&intake->envelope, intake->begin.sender);
}

static void
intake_begin(struct intake *intake, struct conversation *conversation)
{
	struct span id;

	*intake = (struct intake){
	    .conversation = conversation,
	    .pool =
		pool_create(service_pool(), "message", MESSAGE_POOL_MAXIMUM),
	    .arrival = clock_wall(),
	};
	intake->id = id_next(&queue.ids, intake->arrival);
	id = span_text(intake->id.text);
	intake->log.queue_id = id;
	writer_open(&intake->writer, queue.store, &intake->id, intake->arrival);
	envelope_init(&intake->envelope, intake->pool, &intake->writer);
	open_content(intake);
}

static void
intake_end(struct intake *intake)
{
	writer_close(&intake->writer);
	envelope_finish(&intake->envelope);
	header_edit_finish(&intake->header);
	pool_destroy(intake->pool);
}

static enum step
take_recipient(struct intake *intake, const struct frame *frame)
{
	struct message_recipient recipient;
	struct reply reply;
	struct error error;

	if (!message_get_recipient(frame->payload, &recipient))
		return STEP_WRONG;
	if (intake->failure.code == 0 && intake->envelope.count == 0 &&
	    !room_is_left(queue.store, &error))
		fail_storage(intake, &error);
	if (intake->failure.code == 0 &&
	    !envelope_add(&intake->envelope, &recipient, &reply, &error))
		fail_storage(intake, &error);
	send_reply(
	    intake, intake->failure.code == 0 ? &reply : &intake->failure);
	return STEP_NEXT;
}

static enum step
take_content(struct intake *intake, const struct frame *frame)
{
	if (intake->failure.code == 0)
		(void)content_feed(&intake->content, frame->payload);
	return STEP_NEXT;
}

static void
complete_header(struct intake *intake)
{
	const struct common_params *common = service_common();
	bool is_local = (intake->begin.flags & MESSAGE_FLAG_LOCAL) != 0;

	header_edit_complete(&intake->header,
	    &(struct header_edit_origin){
		.complete =
		    is_local || cleanup_params.always_add_missing_headers,
		.sender = intake->envelope.sender,
		.full_name = intake->begin.full_name,
		.queue_id = intake->log.queue_id,
		.host = span_text(common->myhostname),
		.undisclosed =
		    span_text(cleanup_params.undisclosed_recipients_header),
		.arrival = intake->arrival,
	    });
	if (is_local)
		header_rewrite_block(
		    common, intake->pool, &intake->header.block);
	if (intake->header.was_cut)
		log_warning(&intake->log,
		    "header field longer than "
		    "header_size_limit was cut");
	put_header(intake->writer.put, buf_span(&intake->header.block));
}

/* *id is the Message-ID as it was logged, in the pool. */
static bool
log_message_id(struct intake *intake, struct span *id)
{
	struct buf text;
	bool kept;

	buf_init(&text, MESSAGE_ID_MAXIMUM);
	if (header_edit_message_id(&intake->header, true, &text))
		log_event(&intake->log, LOG_RESENT_MESSAGE_ID,
		    log_text("message_id", buf_span(&text)));
	buf_clear(&text);
	if (!header_edit_message_id(&intake->header, false, &text))
		buf_append_text(&text, "<>");
	log_event(&intake->log, LOG_MESSAGE_ID,
	    log_text("message_id", buf_span(&text)));
	kept = pool_copy_span(intake->pool, buf_span(&text), id);
	buf_finish(&text);
	return kept;
}

static bool
write_attributes(
    struct intake *intake, struct span message_id, struct error *error)
{
	static const char *const returns[] = {
	    [RET_NOT_GIVEN] = "", [RET_FULL] = "FULL", [RET_HEADERS] = "HDRS"};
	const struct message_begin *begin = &intake->begin;
	bool is_local = (begin->flags & MESSAGE_FLAG_LOCAL) != 0;
	bool is_8bit = (begin->flags & MESSAGE_FLAG_8BIT) != 0;

	const struct {
		enum attribute attribute;
		struct span value;
	} attributes[] = {
	    {ATTRIBUTE_SENDER, intake->envelope.sender},
	    {ATTRIBUTE_CLIENT_NAME, begin->client_name},
	    {ATTRIBUTE_CLIENT_ADDRESS, begin->client_address},
	    {ATTRIBUTE_HELO, begin->helo},
	    {ATTRIBUTE_PROTOCOL, begin->protocol},
	    {ATTRIBUTE_ORIGIN, span_text(is_local ? "local" : "remote")},
	    {ATTRIBUTE_RET,
		span_text(
		    begin->ret < COUNT_OF(returns) ? returns[begin->ret] : "")},
	    {ATTRIBUTE_ENVELOPE_ID, begin->envelope_id},
	    {ATTRIBUTE_MESSAGE_ID, message_id},
	    {ATTRIBUTE_BODY_TYPE, span_text(is_8bit ? "8BITMIME" : "7BIT")},
	};

	for (size_t i = 0; i < COUNT_OF(attributes); i++)
		if (!writer_attribute(&intake->writer, attributes[i].attribute,
			attributes[i].value, error))
			return false;
	return true;
}

static void
write_flags(struct intake *intake)
{
	uint32_t flags = 0;

	if ((intake->begin.flags & MESSAGE_FLAG_SMTPUTF8) != 0)
		flags |= QUEUED_SMTPUTF8;
	if ((intake->begin.flags & MESSAGE_FLAG_NOTICE) != 0)
		flags |= QUEUED_NOTICE;
	put_flags(intake->writer.put, flags);
}

/* The message is all here: judges it. */
static void
judge(struct intake *intake)
{
	struct span message_id = SPAN_EMPTY;
	struct error error;

	content_finish(&intake->content);
	if (intake->content.fault == CONTENT_TOO_LARGE) {
		log_warning(&intake->log, "message_size_limit exceeded");
		fail(intake, 552, "5.3.4", "Message size exceeds fixed limit");
	}
	if (intake->header.hops > (uint64_t)service_common()->hopcount_limit)
		fail(intake, 554, "5.4.0", "Error: too many hops");
	if (intake->envelope.count == 0)
		fail(intake, 554, "5.5.1", "Error: no valid recipients");
	if (intake->failure.code != 0)
		return;
	complete_header(intake);
	write_flags(intake);
	if (!log_message_id(intake, &message_id))
		fail(intake, 452, "4.3.1", "Insufficient system storage");
	else if (!write_attributes(intake, message_id, &error))
		fail_storage(intake, &error);
}

static void
tell_arrival(const struct intake *intake)
{
	arrival_tell(&(struct message_arrival){
	    .queue_id = intake->log.queue_id,
	    .sender = intake->envelope.sender,
	    .size = put_size(intake->writer.put),
	    .flags = intake->begin.flags,
	    .recipients = intake->envelope.count,
	    .generation = service_generation(),
	    .list = buf_span(&intake->envelope.list),
	});
}

static enum step
commit(struct intake *intake)
{
	struct reply reply;
	struct error error;

	if (intake->failure.code == 0 &&
	    !writer_commit(&intake->writer, &error))
		fail_storage(intake, &error);
	if (intake->failure.code != 0) {
		send_reply(intake, &intake->failure);
		return STEP_DONE;
	}
	reply_set(&reply, 250, "2.0.0", "Ok: queued as %s", intake->id.text);
	send_reply(intake, &reply);
	tell_arrival(intake);
	return STEP_DONE;
}

static enum step
take_end(struct intake *intake, const struct frame *frame)
{
	struct message_end end;
	struct reply reply;

	if (!message_get_end(frame->payload, &end))
		return STEP_WRONG;
	judge(intake);
	if (end.commit || intake->failure.code != 0)
		return commit(intake);
	intake->has_ended = true;
	reply_set(&reply, 250, "2.0.0", "Ok");
	send_reply(intake, &reply);
	return STEP_NEXT;
}

static enum step
take_commit(struct intake *intake, const struct frame *frame UNUSED)
{
	return commit(intake);
}

static enum step
take_abort(struct intake *intake UNUSED, const struct frame *frame UNUSED)
{
	return STEP_DONE;
}

static const struct {
	uint16_t type;
	bool after_end;
	enum step (*take)(struct intake *intake, const struct frame *frame);
} frames[] = {
    {MESSAGE_RECIPIENT, false, take_recipient},
    {MESSAGE_CONTENT, false, take_content},
    {MESSAGE_END, false, take_end},
    {MESSAGE_COMMIT, true, take_commit},
    {MESSAGE_ABORT, false, take_abort},
    {MESSAGE_ABORT, true, take_abort},
};

static enum step
take_frame(struct intake *intake, struct frame *frame)
{
	io_close(&frame->fd);
	for (size_t i = 0; i < COUNT_OF(frames); i++)
		if (frames[i].type == frame->type &&
		    frames[i].after_end == intake->has_ended)
			return frames[i].take(intake, frame);
	return STEP_WRONG;
}

static void
converse(struct intake *intake)
{
	int64_t timeout = service_common()->ipc_timeout;
	struct message_begun begun = {intake->log.queue_id};
	enum step step = STEP_NEXT;
	struct frame frame;

	conversation_send_begun(intake->conversation, &begun);
	while (step == STEP_NEXT &&
	    conversation_receive(
		intake->conversation, loop_deadline(timeout), &frame, NULL))
		step = take_frame(intake, &frame);
	if (step == STEP_WRONG)
		log_warning(&intake->log, "unexpected or malformed %s from %s",
		    message_name(frame.type),
		    peer_name(conversation_peer(intake->conversation)));
}

void
intake_serve(struct conversation *conversation, struct frame *first)
{
	struct flight_slot *slot;
	struct intake intake;

	io_close(&first->fd);
	intake_begin(&intake, conversation);
	slot = flight_begin("message", intake.log.queue_id);
	if (keep_begin(&intake, first))
		converse(&intake);
	else
		log_warning(&intake.log, "malformed BEGIN from %s",
		    peer_name(conversation_peer(conversation)));
	flight_end(slot);
	intake_end(&intake);
}
