/* SPDX-License-Identifier: MIT */
#include "qmgr/postsuper/order.h"

#include <sys/wait.h>

#include <errno.h>
#include <spawn.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/loop/loop.h"
#include "lib/queue/spool_lock.h"
#include "lib/queue/store_segments.h"

enum {
	DIAL_PATIENCE = 10,   /* seconds */
	ANSWER_PATIENCE = 60, /* seconds */
	LISTED_AT_A_TIME = 200
};

static bool
lock(struct order *order, struct error *error)
{
	const char *directory = order->instance->common.queue_directory;
	pid_t holder;

	if (spool_lock_take(directory, &order->lock_fd, &holder, error))
		return true;
	return error_prefix(error,
	    "the queue is in use by process %ld, which does not answer",
	    (long)holder);
}

/* Runs `qmgr --recover`, as whoever has to own the files. */
static bool
run_recovery(const struct instance *instance, struct error *error)
{
	char *path = pool_printf(
	    instance->pool, "%s/qmgr", instance->common.daemon_directory);
	char *directory =
	    pool_copy(instance->pool, span_text(instance->directory));
	char recover[] = "--recover", config[] = "-c";
	char *arguments[] = {path, recover, config, directory, NULL};
	int status = -1;
	pid_t pid;

	must(path != NULL && directory != NULL);
	errno = posix_spawn(&pid, path, NULL, NULL, arguments, environ);
	if (errno != 0)
		return error_system(error, "run %s", path);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		continue;
	return status == 0 ||
	    error_set(error, ERROR_TEMPORARY,
		"messages in segments cannot be moved out");
}

/* The mail system has not been stopped cleanly: messages that have no file are
 * given one first. */
static bool
recover(struct order *order, struct error *error)
{
	const char *directory = order->instance->common.queue_directory;
	bool has_segments;

	order->store = store_open(directory, error);
	if (order->store == NULL)
		return false;
	has_segments = store_has_segments(order->store);
	store_close(order->store);
	order->store = NULL;
	return !has_segments || run_recovery(order->instance, error);
}

bool
order_open(
    struct order *order, const struct instance *instance, struct error *error)
{
	*order = (struct order){.instance = instance, .lock_fd = -1};
	order->qmgr = instance_dial(
	    instance, "qmgr", "qmgr", loop_deadline(DIAL_PATIENCE), error);
	if (order->qmgr == NULL &&
	    (!recover(order, error) || !lock(order, error)))
		return false;
	order->store = store_open(instance->common.queue_directory, error);
	return order->store != NULL;
}

void
order_close(struct order *order)
{
	if (order->qmgr != NULL)
		peer_close(order->qmgr);
	store_close(order->store);
	io_close(&order->lock_fd);
}

/* ---- by qmgr ---- */

static bool
ask_qmgr(struct order *order, const struct queue_id *id,
    enum queue_operation operation, bool *changed, struct error *error)
{
	struct conversation *conversation =
	    conversation_open(order->qmgr, error);
	struct message_queue_operation request = {
	    .operation = operation, .queue_id = span_text(id->text)};
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
		    error_set(
			error, ERROR_TEMPORARY, "%.*s", SPAN_ARGS(reply.text));
	}
	conversation_close(conversation);
	return good;
}

/* ---- by hand ---- */

static bool
move(struct order *order, struct locator *locator,
    enum queue_operation operation, bool *changed, struct error *error)
{
	bool is_held = locator->place == PLACE_HOLD;

	switch (operation) {
	case QUEUE_DELETE:
		*changed = true;
		return store_done(order->store, locator, error);
	case QUEUE_HOLD:
		*changed = !is_held;
		return is_held || store_hold(order->store, locator, error);
	case QUEUE_RELEASE:
		*changed = is_held;
		return !is_held || store_release(order->store, locator, error);
	case QUEUE_REQUEUE:
	case QUEUE_FLUSH:
		break;
	}
	return error_set(error, ERROR_INVALID,
	    "messages are requeued while the mail system runs");
}

static bool
do_it(struct order *order, const struct queue_id *id,
    enum queue_operation operation, bool *changed, struct error *error)
{
	struct locator locator;

	*changed = false;
	if (!store_find(order->store, id, &locator, error))
		return error->kind == ERROR_NOT_FOUND;
	return move(order, &locator, operation, changed, error) &&
	    store_sync_directories(order->store, error);
}

bool
order_give(struct order *order, const struct queue_id *id,
    enum queue_operation operation, bool *changed, struct error *error)
{
	*changed = false;
	return order->qmgr != NULL
	    ? ask_qmgr(order, id, operation, changed, error)
	    : do_it(order, id, operation, changed, error);
}

/* ---- all messages ---- */

static bool
walk(struct order *order, enum store_scope scope,
    void (*act)(void *owner, const struct queue_id *id), void *owner,
    struct error *error)
{
	struct locator *found = memory_alloc(LISTED_AT_A_TIME * sizeof *found);
	struct store_scan *scan =
	    store_scan_open(order->store, scope, clock_wall(), error);
	bool good = scan != NULL;
	size_t count = good;

	while (good && count > 0) {
		good = store_scan_next(
		    scan, found, LISTED_AT_A_TIME, &count, error);
		for (size_t i = 0; good && i < count; i++)
			act(owner, &found[i].id);
	}
	store_scan_close(scan);
	free(found);
	return good;
}

bool
order_for_all(struct order *order, enum queue_operation operation,
    void (*act)(void *owner, const struct queue_id *id), void *owner,
    struct error *error)
{
	static const enum store_scope scopes[] = {
	    STORE_HOLD, STORE_INCOMING, STORE_DEFERRED};

	bool good = true;

	for (size_t i = 0; i < COUNT_OF(scopes) && good; i++)
		if ((scopes[i] != STORE_HOLD || operation != QUEUE_HOLD) &&
		    (scopes[i] == STORE_HOLD || operation != QUEUE_RELEASE))
			good = walk(order, scopes[i], act, owner, error);
	return good;
}
