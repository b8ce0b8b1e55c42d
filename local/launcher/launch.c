/* SPDX-License-Identifier: MIT */
#include "local/launcher/launch.h"

#include "lib/daemon/flight.h"
#include "lib/daemon/service.h"
#include "lib/log/log.h"
#include "lib/loop/loop.h"

#include "local/launcher/crew.h"
#include "local/launcher/place.h"

enum {
	LAUNCH_POOL = 65536 /* bytes: the place and what lookup says */
};

/* One delivery. */
struct launch {
	struct conversation *conversation;
	struct message_launch request;
	struct place *place;
	struct pool *pool;
};

/* Passes the content on. False: the client has gone, has sent another size than
 * it said, or the child has died. */
static bool
pass_content(struct launch *launch, struct worker *worker, struct error *error)
{
	int64_t deadline = loop_deadline(service_common()->ipc_timeout);
	uint64_t left = launch->request.size;
	struct frame frame = {.flags = 0};

	while ((frame.flags & FRAME_LAST) == 0) {
		if (!conversation_expect(launch->conversation, MESSAGE_CONTENT,
			deadline, &frame, error))
			return false;
		if (frame.payload.len > left)
			return error_set(
			    error, ERROR_INVALID, "content of another size");
		left -= frame.payload.len;
		if (!crew_send(worker, frame.payload, error))
			return false;
	}
	return left == 0 ||
	    error_set(error, ERROR_INVALID, "content of another size");
}

static void
set_failure(struct reply *reply, const struct error *error)
{
	log_warning(NULL, "mailbox delivery: %s", error->text);
	reply_set(
	    reply, 451, "4.3.0", "mailbox delivery failed: %s", error->text);
}

static void
use_child(struct launch *launch, struct reply *reply)
{
	const struct place *place = launch->place;
	struct error error;
	struct worker *worker =
	    crew_take(&place->identity, &place->job, &error);
	bool done;

	if (worker == NULL) {
		set_failure(reply, &error);
		return;
	}
	done = pass_content(launch, worker, &error) &&
	    crew_receive(worker, reply, &error);
	crew_return(worker, done);
	if (!done)
		set_failure(reply, &error);
}

static void
answer(struct conversation *conversation, const struct reply *reply)
{
	char status[REPLY_STATUS_SIZE];
	struct message_reply message = {
	    .code = reply->code,
	    .status = span_text(reply_format_status(reply->status, status)),
	    .text = span_text(reply->text),
	};

	conversation_send_reply(conversation, &message);
}

static void
run(struct launch *launch)
{
	struct flight_slot *slot =
	    flight_begin("launch", SPAN_EMPTY, launch->request.queue_id);
	struct reply reply;

	if (place_find(launch->pool, &launch->request, launch->place, &reply))
		use_child(launch, &reply);
	answer(launch->conversation, &reply);
	flight_end(slot);
}

void
launch_serve(struct conversation *conversation, struct frame *first)
{
	struct pool *pool = pool_create(NULL, "launch", LAUNCH_POOL);
	struct launch launch = {.conversation = conversation, .pool = pool};
	struct span payload;

	launch.place = pool_alloc(pool, sizeof *launch.place);
	if (launch.place != NULL &&
	    pool_copy_span(pool, first->payload, &payload) &&
	    message_get_launch(payload, &launch.request))
		run(&launch);
	pool_destroy(pool);
}
