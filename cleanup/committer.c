/* SPDX-License-Identifier: MIT */
#include "cleanup/committer.h"

#include "lib/base/list.h"
#include "lib/daemon/service.h"
#include "lib/log/log.h"
#include "lib/loop/loop.h"
#include "lib/loop/offload.h"
#include "lib/queue/id.h"
#include "lib/queue/segment_writer.h"

#include "cleanup/arrival.h"
#include "cleanup/params.h"
#include "cleanup/room.h"

enum {
	BATCH_MAXIMUM = 256, /* messages */
	MAKE_PAUSE = 10      /* seconds after a failure to make a segment */
};

/* A message that waits, on the stack of its coroutine. */
struct waiting {
	struct list node;
	struct put *put;
	enum committer_result result;
	struct error error;
	struct loop_signal over;
};

/* What a thread has in hand. */
struct batch {
	struct put *puts[BATCH_MAXIMUM];
	size_t count;
	size_t taken;
	bool good;
	struct error error;
};

/* The process has one queue. */
static struct {
	struct segment_writer *writer; /* NULL: queue_segments = no */
	struct list waiting;           /* oldest first */
	struct batch batch;            /* of the first ones, while is_busy */
	struct loop_work turn;
	struct loop_work letting_go;
	bool is_busy;
	bool is_making;
	bool made;
	struct error make_error;
	struct loop_timer make_again;
} committer = {.waiting = {&committer.waiting, &committer.waiting}};

void
committer_open(struct store *store)
{
	uint32_t size =
	    (uint32_t)cleanup_params.queue_segment_size / SEGMENT_PAGE;

	if (cleanup_params.queue_segments)
		committer.writer = segment_writer_create(
		    store, service_process() % ID_WRITERS, size * SEGMENT_PAGE);
}

/* ---- segments in reserve ---- */

static void
make(void *argument UNUSED)
{
	committer.made =
	    segment_writer_make(committer.writer, &committer.make_error);
}

static void
make_again(struct loop_timer *timer UNUSED)
{
	committer_begin();
}

static void
making_ended(void *argument UNUSED)
{
	committer.is_making = false;
	if (committer.made) {
		committer_begin();
		return;
	}
	log_warning(NULL, "no queue segment: %s", committer.make_error.text);
	room_check_failure(&committer.make_error);
	loop_timer_start(
	    &committer.make_again, loop_deadline(MAKE_PAUSE), make_again, NULL);
}

void
committer_begin(void)
{
	if (committer.writer == NULL || committer.is_making ||
	    committer.make_again.heap_index != 0 ||
	    !segment_writer_wants_segment(committer.writer))
		return;
	committer.is_making = true;
	offload_start(make, making_ended, NULL);
}

/* ---- qmgr ---- */

static void
tell_full(void)
{
	struct peer *peer = arrival_peer();
	struct locator_segment full;

	while (
	    peer != NULL && segment_writer_next_full(committer.writer, &full))
		peer_notify_segment_full(peer,
		    &(struct message_segment_full){
			.segment = full.segment,
			.generation = full.generation,
			.messages = full.number,
		    });
}

void
committer_tell_again(void)
{
	if (committer.writer == NULL)
		return;
	segment_writer_again(committer.writer);
	tell_full();
}

void
committer_take_free(struct peer *peer, struct frame *frame)
{
	struct message_segment_free message;
	struct locator_segment freed;

	if (committer.writer == NULL ||
	    !message_get_segment_free(frame->payload, &message)) {
		log_warning(
		    NULL, "%s sent a wrong SEGMENT_FREE", peer_name(peer));
		return;
	}
	freed = (struct locator_segment){
	    .segment = message.segment,
	    .number = message.messages,
	    .generation = message.generation,
	};
	/* Told twice after qmgr was restarted, it is in use again. */
	(void)!segment_writer_free(committer.writer, &freed);
	committer_begin();
}

/* qmgr knows of all that was written before the lock is free. */
static void
let_go(struct loop_work *work UNUSED)
{
	segment_writer_let_go(committer.writer);
	committer_begin();
}

void
committer_take_abandon(struct peer *peer, struct frame *frame)
{
	struct message_segment_abandon message;

	if (committer.writer == NULL ||
	    !message_get_segment_abandon(frame->payload, &message)) {
		log_warning(
		    NULL, "%s sent a wrong SEGMENT_ABANDON", peer_name(peer));
		return;
	}
	segment_writer_abandon(committer.writer, message.segment);
	loop_at_turn_end(&committer.letting_go, let_go, NULL);
}

/* ---- batches ---- */

static void
commit_batch(void *argument UNUSED)
{
	struct batch *batch = &committer.batch;

	batch->good = segment_writer_commit(committer.writer, batch->puts,
	    batch->count, &batch->taken, &batch->error);
}

static void
finish(struct waiting *waiting, enum committer_result result)
{
	list_remove(&waiting->node);
	waiting->result = result;
	waiting->error = committer.batch.error;
	loop_signal_raise(&waiting->over);
}

static void begin_batch(struct loop_work *work);

/* Those that no longer fitted go into the next batch; without any room the
 * first one gets a file. */
static void
batch_ended(void *argument UNUSED)
{
	const struct batch *batch = &committer.batch;
	enum committer_result result =
	    batch->good ? COMMITTER_DURABLE : COMMITTER_FAILED;
	size_t count = batch->taken;

	if (count == 0) {
		result = COMMITTER_NO_ROOM;
		count = batch->count;
	}
	for (size_t i = 0; i < count; i++)
		finish(list_element(list_first(&committer.waiting),
			   struct waiting, node),
		    result);
	committer.is_busy = false;
	tell_full();
	loop_at_turn_end(&committer.letting_go, let_go, NULL);
	if (!list_is_empty(&committer.waiting))
		loop_at_turn_end(&committer.turn, begin_batch, NULL);
}

/* At the end of a turn: what this turn has completed is all there. */
static void
begin_batch(struct loop_work *work UNUSED)
{
	struct batch *batch = &committer.batch;

	if (committer.is_busy || list_is_empty(&committer.waiting))
		return;
	batch->count = 0;
	list_foreach (node, &committer.waiting) {
		if (batch->count == BATCH_MAXIMUM)
			break;
		batch->puts[batch->count++] =
		    list_element(node, struct waiting, node)->put;
	}
	committer.is_busy = true;
	offload_start(commit_batch, batch_ended, NULL);
}

enum committer_result
committer_commit(struct put *put, struct error *error)
{
	struct waiting waiting = {.put = put};

	/* Without qmgr mail is only collected, and no segment would ever come
	 * back. */
	if (committer.writer == NULL || arrival_peer() == NULL ||
	    !put_is_small(put) ||
	    !segment_writer_has_room(committer.writer, put))
		return COMMITTER_NO_ROOM;
	list_add_last(&committer.waiting, &waiting.node);
	if (!committer.is_busy)
		loop_at_turn_end(&committer.turn, begin_batch, NULL);
	must(loop_signal_wait(&waiting.over, LOOP_NO_DEADLINE));
	*error = waiting.error;
	return waiting.result;
}
