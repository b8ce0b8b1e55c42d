/* SPDX-License-Identifier: MIT */
#include "cleanup/draft.h"

#include <sys/stat.h>

#include "lib/base/clock.h"
#include "lib/daemon/service.h"
#include "lib/mail/reply.h"

#include "cleanup/arrival.h"
#include "cleanup/committer.h"
#include "cleanup/detect_utf8.h"
#include "cleanup/header_rewrite.h"
#include "cleanup/params.h"
#include "cleanup/room.h"

enum {
	MESSAGE_POOL_MAXIMUM = 16 << 20, /* bytes, mostly of recipients */
	MESSAGE_ID_MAXIMUM = 2048        /* bytes of Message-ID kept */
};

/* The process has one queue, so its state is one static object. */
static struct {
	struct store *store;
	struct id_source ids;
} queue;

bool
draft_open_queue(struct error *error)
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
	room_open(queue.store, &queue.ids);
	committer_open(queue.store);
	return true;
}

/* The first thing that goes wrong decides. */
static void
fail(struct draft *draft, uint16_t code, const char *status, const char *text)
{
	if (draft->failure.code == 0)
		reply_set(&draft->failure, code, status, "%s", text);
}

static void
fail_storage(struct draft *draft, const struct error *error)
{
	log_warning(&draft->log, "queue file: %s", error->text);
	room_check_failure(error);
	if (put_error_is_full(error))
		fail(draft, 452, "4.3.1", "Insufficient system storage");
	else
		fail(draft, 451, "4.3.0", "Error: queue file write error");
}

static bool
write_body(struct draft *draft, struct span run)
{
	struct error error;

	if (writer_body(&draft->writer, run, &error))
		return true;
	fail_storage(draft, &error);
	return false;
}

static bool
take_inspected(void *owner, struct span run)
{
	return write_body(owner, run);
}

static bool
spill_header(void *owner, struct span run)
{
	struct draft *draft = owner;

	return draft->inspect != NULL
	    ? inspect_body_spilled(draft->inspect, run)
	    : write_body(draft, run);
}

static bool
take_header(struct draft *draft, struct span run)
{
	return (draft->inspect == NULL ||
		   inspect_body_header(draft->inspect, run)) &&
	    header_edit_feed(&draft->header, run);
}

static bool
take_run(void *owner, enum content_part part, struct span run)
{
	struct draft *draft = owner;

	if (part == CONTENT_HEADER)
		return take_header(draft, run);
	return draft->inspect != NULL ? inspect_body_feed(draft->inspect, run)
				      : write_body(draft, run);
}

static void
open_content(struct draft *draft)
{
	const struct common_params *common = service_common();
	size_t header_maximum = (size_t)common->header_size_limit;

	header_edit_init(&draft->header,
	    &(struct header_edit_settings){
		.drop = span_text(cleanup_params.message_drop_headers),
		.field_maximum = header_maximum,
		.block_maximum = header_maximum,
		.spill = spill_header,
		.owner = draft,
	    });
	content_init(&draft->content,
	    &(struct content_options){
		.mode = CONTENT_CHUNKS,
		.bare = CONTENT_BARE_NORMALIZE,
		.maximum = (uint64_t)common->message_size_limit,
		.sink = take_run,
		.owner = draft,
	    });
}

void
draft_begin(struct draft *draft)
{
	*draft = (struct draft){
	    .pool =
		pool_create(service_pool(), "message", MESSAGE_POOL_MAXIMUM),
	    .arrival = clock_wall(),
	};
	draft->id = id_next(&queue.ids, draft->arrival);
	draft->log.queue_id = span_text(draft->id.text);
	writer_open(&draft->writer, queue.store, &draft->id, draft->arrival);
	envelope_init(&draft->envelope, draft->pool, &draft->writer);
	open_content(draft);
}

void
draft_end(struct draft *draft)
{
	writer_close(&draft->writer);
	envelope_finish(&draft->envelope);
	header_edit_finish(&draft->header);
	inspect_body_destroy(draft->inspect);
	inspection_finish(&draft->inspection);
	pool_destroy(draft->pool);
}

/* A table has no answer, or not one that can be used. */
static void
fail_lookup(struct draft *draft, const struct error *error)
{
	log_warning(&draft->log, "%s", error->text);
	fail(draft, 451, "4.3.0", "Temporary lookup failure");
}

/* Mail from elsewhere; not what the system itself sends, or sends on. */
static bool
is_from_outside(const struct draft *draft)
{
	return draft->begin.origin == ORIGIN_SMTPD ||
	    draft->begin.origin == ORIGIN_SENDMAIL;
}

/* Header and body checks, if there are any. */
static void
begin_inspection(struct draft *draft)
{
	const struct common_params *common = service_common();
	struct content_checks *checks = routing_checks();

	if (checks == NULL || !is_from_outside(draft))
		return;
	inspection_init(&draft->inspection, checks, draft->pool);
	draft->inspection.subject = (struct inspection_subject){
	    .log = &draft->log, .begin = &draft->begin};
	draft->inspect = inspect_body_create(&(struct inspect_body_settings){
	    .inspection = &draft->inspection,
	    .limits = {(size_t)common->mime_nesting_limit,
		(size_t)common->mime_boundary_length_limit},
	    .is_plain = cleanup_params.disable_mime_input_processing,
	    .field_maximum = (size_t)common->header_size_limit,
	    .line_maximum = (size_t)common->line_length_limit,
	    .text_maximum = (size_t)cleanup_params.body_checks_size_limit,
	    .sink = take_inspected,
	    .owner = draft,
	});
}

/* The texts of BEGIN are copied by keeping a copy of its payload. */
bool
draft_set_origin(struct draft *draft, struct span begin)
{
	struct span payload;
	struct error error;

	if (!pool_copy_span(draft->pool, begin, &payload) ||
	    !message_get_begin(payload, &draft->begin))
		return false;
	draft->envelope.wants_copies = is_from_outside(draft);
	begin_inspection(draft);
	if (!envelope_set_sender(&draft->envelope, draft->begin.sender, &error))
		fail_lookup(draft, &error);
	return true;
}

/* Before the first recipient. A notice about mail in the queue frees space, and
 * qmgr has kept some for it. */
static void
check_storage(struct draft *draft)
{
	struct error error;

	if (!room_is_trusted())
		fail(draft, 451, "4.3.0",
		    "Mail storage is failing, please try again later");
	else if (!draft->is_of_queue && !room_is_left(&error))
		fail_storage(draft, &error);
}

void
draft_add_recipient(struct draft *draft,
    const struct message_recipient *recipient, struct reply *reply)
{
	struct error error;

	if (draft->failure.code == 0 && draft->envelope.count == 0)
		check_storage(draft);
	if (draft->failure.code == 0 &&
	    !envelope_add(&draft->envelope, recipient, reply, &error))
		fail_storage(draft, &error);
	if (draft->failure.code != 0)
		*reply = draft->failure;
}

void
draft_add_content(struct draft *draft, struct span bytes)
{
	draft->inspection.subject.sender = draft->envelope.sender;
	draft->inspection.subject.recipient = draft->envelope.last;
	if (draft->failure.code == 0)
		(void)content_feed(&draft->content, bytes);
}

/* Addresses in the header of mail from strangers are theirs, unless a domain
 * says that whoever has none is not one of ours. */
static void
rewrite_header(struct draft *draft)
{
	bool is_local = (draft->begin.flags & MESSAGE_FLAG_LOCAL) != 0;
	const char *domain = cleanup_params.remote_header_rewrite_domain;
	struct common_params remote = *service_common();
	struct header_rewrite how = {
	    .params = is_local ? service_common() : &remote,
	    .rewrite = routing_rewrites_header() ? routing_rewrite : NULL,
	};
	struct error error;

	if (!is_local && domain[0] == '\0')
		return;
	remote.myorigin = domain;
	remote.mydomain = domain;
	if (!header_rewrite_block(
		&how, draft->pool, &draft->header.block, &error))
		fail_lookup(draft, &error);
}

/* The last of the body, and the header, which is still as it came. */
static void
end_inspection(struct draft *draft)
{
	size_t before = draft->header.block.len;

	if (draft->inspect == NULL)
		return;
	inspection_header(&draft->inspection, &draft->header.block);
	header_edit_changed(&draft->header, before);
	if (draft->failure.code == 0 && inspect_body_end(draft->inspect))
		return;
	if (draft->inspection.refusal.code == 0)
		fail(draft, 451, "4.3.0", "Error: queue file write error");
}

/* What the checks have found out. */
static bool
apply_inspection(struct draft *draft, struct reply *reply, struct error *error)
{
	const struct inspection *inspection = &draft->inspection;

	*reply = inspection->refusal;
	if (reply->code != 0)
		return true;
	reply_set(reply, 250, "2.0.0", "Ok");
	if (inspection->is_held)
		put_hold(draft->writer.put);
	if (inspection->redirect.len > 0)
		return envelope_redirect(
		    &draft->envelope, inspection->redirect, reply, error);
	for (const struct inspection_copy *copy = inspection->copies;
	     copy != NULL && reply_is_positive(reply); copy = copy->older)
		if (!envelope_add_copy(
			&draft->envelope, copy->address, reply, error))
			return false;
	return true;
}

static void
complete_header(struct draft *draft)
{
	const struct common_params *common = service_common();
	bool is_local = (draft->begin.flags & MESSAGE_FLAG_LOCAL) != 0;

	header_edit_complete(&draft->header,
	    &(struct header_edit_origin){
		.complete = is_local ||
		    cleanup_params.always_add_missing_headers ||
		    cleanup_params.remote_header_rewrite_domain[0] != '\0',
		.sender = draft->envelope.sender,
		.full_name = draft->begin.full_name,
		.queue_id = draft->log.queue_id,
		.host = span_text(common->myhostname),
		.undisclosed =
		    span_text(cleanup_params.undisclosed_recipients_header),
		.arrival = draft->arrival,
	    });
	rewrite_header(draft);
	if (draft->header.was_cut)
		log_warning(&draft->log,
		    "header field longer than "
		    "header_size_limit was cut");
	put_header(draft->writer.put, buf_span(&draft->header.block));
}

/* *id is the Message-ID as it was logged, in the pool. */
static bool
log_message_id(struct draft *draft, struct span *id)
{
	struct buf text;
	bool kept;

	buf_init(&text, MESSAGE_ID_MAXIMUM);
	if (header_edit_message_id(&draft->header, true, &text))
		log_event(&draft->log, LOG_RESENT_MESSAGE_ID,
		    log_text("message_id", buf_span(&text)));
	buf_clear(&text);
	if (!header_edit_message_id(&draft->header, false, &text))
		buf_append_text(&text, "<>");
	log_event(&draft->log, LOG_MESSAGE_ID,
	    log_text("message_id", buf_span(&text)));
	kept = pool_copy_span(draft->pool, buf_span(&text), id);
	buf_finish(&text);
	return kept;
}

static bool
write_attributes(
    struct draft *draft, struct span message_id, struct error *error)
{
	static const char *const returns[] = {
	    [RET_NOT_GIVEN] = "", [RET_FULL] = "FULL", [RET_HEADERS] = "HDRS"};
	const struct message_begin *begin = &draft->begin;
	bool is_local = (begin->flags & MESSAGE_FLAG_LOCAL) != 0;
	bool is_8bit = (begin->flags & MESSAGE_FLAG_8BIT) != 0;

	const struct {
		enum attribute attribute;
		struct span value;
	} attributes[] = {
	    {ATTRIBUTE_SENDER, draft->envelope.sender},
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
	    {ATTRIBUTE_REPLACES, begin->replaces},
	};

	for (size_t i = 0; i < COUNT_OF(attributes); i++)
		if (!writer_attribute(&draft->writer, attributes[i].attribute,
			attributes[i].value, error))
			return false;
	return true;
}

static void
detect_needs(struct draft *draft)
{
	if (service_common()->smtputf8_enable &&
	    detect_utf8(span_text(cleanup_params.smtputf8_autodetect_classes),
		draft->begin.origin, draft->envelope.has_utf8,
		buf_span(&draft->header.block)))
		draft->begin.flags |= MESSAGE_FLAG_SMTPUTF8;
}

static void
write_flags(struct draft *draft)
{
	uint32_t flags = 0;

	if ((draft->begin.flags & MESSAGE_FLAG_SMTPUTF8) != 0)
		flags |= QUEUED_SMTPUTF8;
	if ((draft->begin.flags & MESSAGE_FLAG_NOTICE) != 0)
		flags |= QUEUED_NOTICE;
	put_flags(draft->writer.put, flags);
	if ((draft->begin.flags & MESSAGE_FLAG_REQUEUED) != 0)
		put_own_file(draft->writer.put);
}

/* Copies first: a redirection takes them back. */
static void
add_copies(struct draft *draft)
{
	struct reply reply;
	struct error error;
	bool written;

	if (draft->failure.code != 0)
		return;
	written = envelope_add_copies(&draft->envelope, &reply, &error);
	if (written && reply_is_positive(&reply) && draft->inspect != NULL)
		written = apply_inspection(draft, &reply, &error);
	if (!written)
		fail_storage(draft, &error);
	else if (!reply_is_positive(&reply))
		draft->failure = reply;
}

bool
draft_close(struct draft *draft)
{
	struct span message_id = SPAN_EMPTY;
	struct error error;

	content_finish(&draft->content);
	end_inspection(draft);
	if (draft->content.fault == CONTENT_TOO_LARGE) {
		log_warning(&draft->log, "message_size_limit exceeded");
		fail(draft, 552, "5.3.4", "Message size exceeds fixed limit");
	}
	if (draft->header.hops > (uint64_t)service_common()->hopcount_limit)
		fail(draft, 554, "5.4.0", "Error: too many hops");
	if (draft->envelope.count == 0)
		fail(draft, 554, "5.5.1", "Error: no valid recipients");
	if (draft->failure.code != 0)
		return false;
	complete_header(draft);
	add_copies(draft);
	detect_needs(draft);
	write_flags(draft);
	if (!log_message_id(draft, &message_id))
		fail(draft, 452, "4.3.1", "Insufficient system storage");
	else if (!write_attributes(draft, message_id, &error))
		fail_storage(draft, &error);
	return draft->failure.code == 0;
}

static void
tell_arrival(const struct draft *draft)
{
	const struct locator_segment *in = &put_locator(draft->writer.put)->in;

	arrival_tell(&(struct message_arrival){
	    .queue_id = draft->log.queue_id,
	    .sender = draft->envelope.sender,
	    .size = put_size(draft->writer.put),
	    .flags = draft->begin.flags,
	    .recipients = draft->envelope.count,
	    .generation = service_generation(),
	    .segment = in->segment,
	    .segment_generation = in->generation,
	    .segment_number = in->number,
	    .segment_offset = in->offset,
	    .segment_length = in->length,
	    .list = buf_span(&draft->envelope.list),
	});
}

bool
draft_commit(struct draft *draft)
{
	struct error error;

	/* Whoever sent it thinks it is there. */
	if (draft->inspection.is_discarded)
		return true;
	if (!writer_commit(&draft->writer, &error)) {
		fail_storage(draft, &error);
		return false;
	}
	if (!draft->inspection.is_held)
		tell_arrival(draft);
	return true;
}
