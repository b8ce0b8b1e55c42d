/* SPDX-License-Identifier: MIT */
#include "qmgr/transcript.h"

#include "lib/base/memory.h"
#include "lib/log/log.h"
#include "lib/loop/loop.h"

#include "qmgr/agents.h"
#include "qmgr/params.h"
#include "qmgr/transcript_limit.h"

enum {
	WAITING_MAXIMUM = 8,   /* transcripts in hand */
	AGENT_PATIENCE = 60,   /* seconds for a bounce agent to be free */
	ANSWER_PATIENCE = 300, /* seconds for it to answer */
	SERVER_SHOWN = 200     /* bytes of its name in the log */
};

static struct {
	struct transcript_limit limit;
	unsigned waiting;
	uint32_t omitted; /* since the last one that was let through */
} transcripts;

/* One in hand; owns its frame. */
struct transcript {
	struct message_transcript message;
	char payload[];
};

static bool
pass_on(const struct transcript *transcript, struct agent *agent,
    struct error *error)
{
	struct conversation *conversation =
	    agent->peer == NULL ? NULL : conversation_open(agent->peer, NULL);
	struct frame frame;
	bool good;

	if (conversation == NULL)
		return error_set(
		    error, ERROR_TEMPORARY, "the bounce agent is gone");
	conversation_send_transcript(conversation, &transcript->message);
	good = conversation_expect(conversation, MESSAGE_REPLY,
	    loop_deadline(ANSWER_PATIENCE), &frame, error);
	conversation_close(conversation);
	return good;
}

static bool
deliver(const struct transcript *transcript, struct error *error)
{
	struct agent *agent =
	    agents_wait(transport_find(span_text(params.bounce_service_name)),
		loop_deadline(AGENT_PATIENCE));
	bool good;

	if (agent == NULL)
		return error_set(
		    error, ERROR_TEMPORARY, "no bounce agent is there");
	good = pass_on(transcript, agent, error);
	agents_release(agent);
	return good;
}

static void
run(void *argument)
{
	struct transcript *transcript = argument;
	struct error error;

	if (!deliver(transcript, &error))
		log_warning(NULL, "postmaster transcript of %.*s not sent: %s",
		    SPAN_ARGS(
			span_head(transcript->message.server, SERVER_SHOWN)),
		    error.text);
	transcripts.waiting--;
	free(transcript);
}

static struct transcript *
copy(struct span payload)
{
	struct transcript *transcript =
	    memory_alloc(sizeof *transcript + payload.len);

	span_copy(transcript->payload, payload);
	must(message_get_transcript(
	    span_of(transcript->payload, payload.len), &transcript->message));
	return transcript;
}

void
transcript_take(struct peer *peer, struct frame *frame)
{
	struct message_transcript message;
	struct transcript *transcript;

	if (agents_of(peer) == NULL ||
	    !message_get_transcript(frame->payload, &message)) {
		log_warning(
		    NULL, "%s sent a wrong TRANSCRIPT", peer_name(peer));
		return;
	}
	if (transcripts.waiting == WAITING_MAXIMUM ||
	    !transcript_limit_admit(
		&transcripts.limit, message.server, loop_now())) {
		transcripts.omitted++;
		return;
	}
	transcript = copy(frame->payload);
	transcript->message.omitted = transcripts.omitted;
	transcripts.omitted = 0;
	transcripts.waiting++;
	loop_spawn(run, transcript);
}
