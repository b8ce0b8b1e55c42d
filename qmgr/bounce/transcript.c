/* SPDX-License-Identifier: MIT */
#include "qmgr/bounce/transcript.h"

#include "lib/base/pool.h"
#include "lib/daemon/flight.h"
#include "lib/daemon/service.h"
#include "lib/daemon/transcript_mail.h"
#include "lib/log/log.h"

enum {
	POOL_MAXIMUM = 2 * FRAME_PAYLOAD_MAXIMUM
};

static void
send_transcript(const struct message_transcript *transcript)
{
	struct transcript_mail mail = {
	    .program = transcript->program,
	    .peer = transcript->server,
	    .text = transcript->text,
	    .is_cut = transcript->is_cut,
	    .omitted = transcript->omitted,
	    .to = span_text(service_common()->error_notice_recipient),
	};
	struct log_context context = {.queue_id = transcript->queue_id};
	struct flight_slot *slot =
	    flight_begin("transcript", SPAN_EMPTY, transcript->queue_id);

	transcript_mail_send(&mail, &context);
	log_flush();
	flight_end(slot);
}

void
transcript_serve(struct conversation *conversation, struct frame *first)
{
	struct message_reply reply = {
	    .code = 250, .status = SPAN("2.0.0"), .text = SPAN("Ok")};
	struct pool *pool = pool_create(NULL, "transcript", POOL_MAXIMUM);
	struct message_transcript transcript;
	struct span payload;

	service_session_begin();
	if (pool_copy_span(pool, first->payload, &payload) &&
	    message_get_transcript(payload, &transcript))
		send_transcript(&transcript);
	else
		reply = (struct message_reply){
		    .code = 554,
		    .status = SPAN("5.3.0"),
		    .text = SPAN("wrong TRANSCRIPT"),
		};
	conversation_send_reply(conversation, &reply);
	pool_destroy(pool);
	service_session_end();
}
