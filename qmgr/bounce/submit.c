/* SPDX-License-Identifier: MIT */
#include "qmgr/bounce/submit.h"

#include "lib/base/clock.h"
#include "lib/base/memory.h"
#include "lib/base/random.h"
#include "lib/daemon/cleanup_answer.h"
#include "lib/daemon/service.h"
#include "lib/log/log.h"
#include "lib/loop/loop.h"
#include "lib/loop/offload.h"

#include "qmgr/bounce/params.h"
#include "qmgr/bounce/wording.h"

enum {
	DIAL_PATIENCE = 30,    /* seconds */
	ANSWER_PATIENCE = 300, /* seconds */
	CHUNK = 64 << 10
};

/* ---- what is returned ---- */

/* RFC 3461 4.3: all of it only with a failure, and unless the sender said HDRS
 * or it is too large. */
static bool
returns_whole(const struct submission *submission)
{
	const struct message_notify *notify = &submission->request->notify;

	return notify->kind == NOTICE_FAILURE && !submission->only_header &&
	    notify->ret != RET_HEADERS &&
	    notify->header_size + notify->body_size <=
	    (uint64_t)bounce_params.bounce_size_limit;
}

struct chunk {
	const struct request *request;
	bool (*read)(const struct request *request, uint64_t offset,
	    char *bytes, size_t count, struct error *error);
	uint64_t offset;
	size_t count;
	char *bytes;
	bool good;
	struct error error;
};

static void
job_read(void *argument)
{
	struct chunk *chunk = argument;

	chunk->good = chunk->read(chunk->request, chunk->offset, chunk->bytes,
	    chunk->count, &chunk->error);
}

static bool
send_part(struct conversation *conversation, struct chunk *chunk, uint64_t size,
    struct error *error)
{
	for (chunk->offset = 0; chunk->offset < size;
	     chunk->offset += chunk->count) {
		uint64_t left = size - chunk->offset;

		chunk->count = left < CHUNK ? (size_t)left : CHUNK;
		offload_run(job_read, chunk);
		if (!chunk->good) {
			*error = chunk->error;
			return false;
		}
		if (!conversation_send_content(conversation,
			span_of(chunk->bytes, chunk->count), false,
			loop_deadline(ANSWER_PATIENCE), error))
			return false;
	}
	return true;
}

static bool
send_returned(struct conversation *conversation, const struct request *request,
    bool whole, struct error *error)
{
	struct chunk chunk = {
	    .request = request,
	    .read = request_read_header,
	    .bytes = memory_alloc(CHUNK),
	};
	bool good =
	    send_part(conversation, &chunk, request->notify.header_size, error);

	chunk.read = request_read_body;
	if (good && whole)
		good = send_part(
		    conversation, &chunk, request->notify.body_size, error);
	free(chunk.bytes);
	return good;
}

/* ---- the notice ---- */

static bool
is_8bit(const struct message_notify *notify, bool whole)
{
	return (notify->header_flags & CONTENT_8BIT) != 0 ||
	    (whole && (notify->body_flags & CONTENT_8BIT) != 0);
}

static void
describe(const struct submission *submission, struct compose_notice *notice)
{
	const struct request *request = submission->request;
	const struct message_notify *notify = &request->notify;
	bool whole = returns_whole(submission);

	*notice = (struct compose_notice){
	    .kind = (enum notice_kind)notify->kind,
	    .words = wording_for((enum notice_kind)notify->kind),
	    .for_postmaster = submission->for_postmaster,
	    .queue_id = notify->queue_id,
	    .sender = notify->sender,
	    .envelope_id = notify->envelope_id,
	    .to = submission->to,
	    .now = clock_wall(),
	    .arrived = (int64_t)notify->arrived,
	    .expires = (int64_t)notify->expires,
	    .returned_utf8 = (notify->flags & MESSAGE_FLAG_SMTPUTF8) != 0 &&
		(notify->header_flags & CONTENT_8BIT) != 0,
	    .eight_bit = is_8bit(notify, whole),
	    .whole = whole,
	    .recipients = request->recipients,
	    .count = request->count,
	};
	notice->utf8 = compose_is_international(notice);
}

/* The text of the template; one that cannot be expanded now could when the
 * process began, and the notice does without. */
static void
introduce(struct compose_notice *notice, struct buf *text)
{
	struct error error;

	if (!wording_expand(
		notice->words, service_param_source(), text, &error)) {
		log_warning(NULL, "template: %s", error.text);
		buf_clear(text);
	}
	notice->introduction = buf_span(text);
}

static void
begin(struct conversation *conversation, const struct submission *submission,
    const struct compose_notice *notice)
{
	struct message_begin begin = {
	    .sender = submission->from,
	    .flags = MESSAGE_FLAG_LOCAL | MESSAGE_FLAG_NOTICE,
	    .origin = ORIGIN_BOUNCE,
	    .session = submission->request->notify.queue_id,
	};
	struct message_recipient recipient = {
	    .address = submission->to, .notify = NOTIFY_NEVER};

	if (compose_is_8bit(notice))
		begin.flags |= MESSAGE_FLAG_8BIT;
	if (notice->utf8 || notice->returned_utf8)
		begin.flags |= MESSAGE_FLAG_SMTPUTF8;
	conversation_send_begin(conversation, &begin);
	conversation_send_recipient(conversation, &recipient);
}

static bool
send_text(struct conversation *conversation, const struct buf *text,
    struct error *error)
{
	return conversation_send_content(conversation, buf_span(text), false,
	    loop_deadline(ANSWER_PATIENCE), error);
}

static bool
send_content(struct conversation *conversation,
    const struct submission *submission, struct compose_notice *notice,
    struct error *error)
{
	const struct common_params *common = service_common();
	struct compose_host host = {
	    .name = span_text(common->myhostname),
	    .system = span_text(common->mail_name),
	};
	char boundary[COMPOSE_BOUNDARY_SIZE];
	struct buf text;
	bool good;

	/* Of a long name the end is left out. */
	snprintf(boundary, sizeof boundary, "%.*s.%016llx/%s",
	    SPAN_ARGS(notice->own_id), (unsigned long long)random_u64(),
	    common->myhostname);
	notice->boundary = span_text(boundary);
	buf_init(&text, COMPOSE_MAXIMUM);
	good = (compose_head(&text, &host, notice) ||
		   error_set(error, ERROR_LIMIT, "the notice is too long")) &&
	    send_text(conversation, &text, error) &&
	    send_returned(
		conversation, submission->request, notice->whole, error);
	buf_clear(&text);
	good = good && compose_tail(&text, notice) &&
	    send_text(conversation, &text, error);
	buf_finish(&text);
	return good;
}

static bool
converse(struct conversation *conversation, const struct submission *submission,
    struct compose_notice *notice, char id[CLEANUP_ID_SIZE],
    struct error *error)
{
	struct message_end end = {.commit = true};

	begin(conversation, submission, notice);
	if (!cleanup_answer_id(
		conversation, loop_deadline(ANSWER_PATIENCE), id, error) ||
	    !cleanup_answer_accepted(
		conversation, loop_deadline(ANSWER_PATIENCE), error))
		return false;
	notice->own_id = span_text(id);
	if (!send_content(conversation, submission, notice, error))
		return false;
	conversation_send_end(conversation, &end);
	return cleanup_answer_accepted(
	    conversation, loop_deadline(ANSWER_PATIENCE), error);
}

bool
submit(const struct submission *submission, char id[CLEANUP_ID_SIZE],
    struct error *error)
{
	struct conversation *conversation = switchboard_converse(
	    "cleanup", loop_deadline(DIAL_PATIENCE), error);
	struct compose_notice notice;
	struct buf introduction;
	bool good;

	if (conversation == NULL)
		return false;
	describe(submission, &notice);
	buf_init(&introduction, TEMPLATE_TEXT_MAXIMUM);
	introduce(&notice, &introduction);
	good = converse(conversation, submission, &notice, id, error);
	buf_finish(&introduction);
	conversation_close(conversation);
	return good;
}
