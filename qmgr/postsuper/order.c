/* SPDX-License-Identifier: MIT */
#include "qmgr/postsuper/order.h"

#include "lib/base/clock.h"
#include "lib/base/memory.h"
#include "lib/loop/loop.h"
#include "lib/queue/store_change.h"

enum {
	ANSWER_PATIENCE = 60, /* seconds */
	LISTED_AT_A_TIME = 200,
	ASKED_AT_A_TIME = 50 /* of qmgr, sharing writes */
};

_Static_assert(QUEUE_SET_INCOMING == 1 << PLACE_INCOMING &&
	QUEUE_SET_DEFERRED == 1 << PLACE_DEFERRED &&
	QUEUE_SET_HOLD == 1 << PLACE_HOLD &&
	QUEUE_SET_CORRUPT == 1 << PLACE_CORRUPT,
    "a set of queues is one of places");

/* ---- by qmgr ---- */

static bool
ask_qmgr(struct reach *reach, const struct queue_id *id,
    const struct order *order, bool *changed, struct error *error)
{
	struct conversation *conversation =
	    conversation_open(reach->qmgr, error);
	struct message_queue_operation request = {
	    .operation = order->operation,
	    .queues = order->queues,
	    .queue_id = span_text(id->text),
	};
	struct message_reply reply;
	struct frame frame;
	bool good;

	if (conversation == NULL)
		return false;
	conversation_send_queue_operation(conversation, &request);
	good = conversation_expect(conversation, MESSAGE_REPLY,
	    loop_deadline(ANSWER_PATIENCE), &frame, error);
	if (good && !message_get_reply(frame.payload, &reply))
		good = error_set(error, ERROR_INVALID, "unreadable answer");
	if (good) {
		*changed = span_equal(reply.text, SPAN("1"));
		good = reply.code == 250 ||
		    error_set(error,
			reply.code == 550 ? ERROR_NOT_FOUND : ERROR_TEMPORARY,
			"%.*s", SPAN_ARGS(reply.text));
	}
	conversation_close(conversation);
	return good;
}

/* ---- by hand ---- */

static bool
do_it(struct reach *reach, const struct queue_id *id, const struct order *order,
    bool *changed, struct error *error)
{
	static const enum change changes[] = {
	    [QUEUE_DELETE] = CHANGE_DELETE,
	    [QUEUE_HOLD] = CHANGE_HOLD,
	    [QUEUE_RELEASE] = CHANGE_RELEASE,
	    [QUEUE_REQUEUE] = CHANGE_REQUEUE,
	    [QUEUE_EXPIRE] = CHANGE_EXPIRE,
	    [QUEUE_FLUSH] = CHANGE_NOTHING,
	};
	struct changed result;

	if (!store_change(reach->store, id, changes[order->operation],
		order->queues, &result, error))
		return false;
	*changed = result.made;
	return true;
}

bool
order_give(struct reach *reach, const struct queue_id *id,
    const struct order *order, bool *changed, struct error *error)
{
	*changed = false;
	return reach->qmgr != NULL ? ask_qmgr(reach, id, order, changed, error)
				   : do_it(reach, id, order, changed, error);
}

bool
order_end(struct reach *reach, struct error *error)
{
	return reach->qmgr != NULL || !store_is_dirty(reach->store) ||
	    store_sync_directories(reach->store, error);
}

/* ---- all messages ---- */

struct walk {
	struct reach *reach;
	/* Later ones are left out: a message that is queued again is a new one,
	 * and not to be queued again. */
	int64_t latest;
	void (*act)(void *owner, const struct queue_id *id);
	void *owner;
};

/* What was listed, and who works on it; on the stack of whoever waits. */
struct listed {
	const struct walk *walk;
	const struct locator *found;
	size_t count;
	size_t next;
	unsigned workers;
	struct loop_signal ended; /* one of them */
};

static void
run_worker(void *argument)
{
	struct listed *listed = argument;

	while (listed->next < listed->count) {
		const struct queue_id *id = &listed->found[listed->next++].id;

		if (id_time(id) <= listed->walk->latest)
			listed->walk->act(listed->walk->owner, id);
	}
	listed->workers--;
	loop_signal_raise(&listed->ended);
}

/* By hand one after the other: nothing waits there. */
static void
act_on_listed(struct listed *listed)
{
	size_t workers =
	    listed->walk->reach->qmgr == NULL ? 1 : ASKED_AT_A_TIME;

	for (; listed->workers < workers && listed->workers < listed->count;
	     listed->workers++)
		loop_spawn(run_worker, listed);
	while (listed->workers > 0)
		must(loop_signal_wait(&listed->ended, LOOP_NO_DEADLINE));
}

static bool
go_through(const struct walk *walk, enum store_scope scope, struct error *error)
{
	struct locator *found = memory_alloc(LISTED_AT_A_TIME * sizeof *found);
	struct store_scan *scan =
	    store_scan_open(walk->reach->store, scope, 0, error);
	bool good = scan != NULL;
	size_t count = good;

	while (good && count > 0) {
		good = store_scan_next(
		    scan, found, LISTED_AT_A_TIME, &count, error);
		if (good)
			act_on_listed(&(struct listed){
			    .walk = walk, .found = found, .count = count});
	}
	store_scan_close(scan);
	free(found);
	return good;
}

bool
order_for_all(struct reach *reach, const struct order *order,
    void (*act)(void *owner, const struct queue_id *id), void *owner,
    struct error *error)
{
	static const struct {
		enum store_scope scope;
		uint32_t queues; /* what is in it, or may be */
	} parts[] = {
	    {STORE_HOLD, QUEUE_SET_HOLD},
	    {STORE_INCOMING, QUEUE_SET_INCOMING | QUEUE_SET_ACTIVE},
	    {STORE_DEFERRED, QUEUE_SET_DEFERRED | QUEUE_SET_ACTIVE},
	    {STORE_CORRUPT, QUEUE_SET_CORRUPT},
	};
	struct walk walk = {reach, INT64_MAX, act, owner};
	bool good = true;

	if (order->operation == QUEUE_REQUEUE)
		walk.latest = clock_wall();
	for (size_t i = 0; i < COUNT_OF(parts) && good; i++)
		if ((parts[i].queues & order->queues) != 0)
			good = go_through(&walk, parts[i].scope, error);
	return good;
}
