/* SPDX-License-Identifier: MIT */
#include "smtp/reuse.h"

#include "lib/base/hash.h"

#include "smtp/client.h"

enum {
	MILLISECONDS = 1000, /* in a second */
	IDLE_MAXIMUM = 200   /* sessions */
};

static struct {
	struct list idle; /* of sessions, the latest first */
	size_t count;
	bool is_open;
	bool is_stopped;
} pile;

static void
open_pile(void)
{
	if (!pile.is_open)
		list_init(&pile.idle);
	pile.is_open = true;
}

static void
take_out(struct session *session)
{
	loop_timer_stop(&session->idle_timer);
	list_remove(&session->idle_node);
	pile.count--;
}

static void
quit(void *argument)
{
	session_quit(argument);
}

void
reuse_end(struct session *session)
{
	loop_spawn(quit, session);
}

static void
expire(struct loop_timer *timer)
{
	struct session *session = timer->owner;

	take_out(session);
	reuse_end(session);
}

static bool
is_same(const struct session *session, const struct server *server,
    const char *goal_key)
{
	return session->address.len == server->address.len &&
	    memcmp(&session->address.any, &server->address.any,
		server->address.len) == 0 &&
	    strcmp(session->name, server->name) == 0 &&
	    strcmp(session->goal_key, goal_key) == 0;
}

struct session *
reuse_take(const struct server *server, const char *goal_key)
{
	open_pile();
	list_foreach_safe (node, &pile.idle) {
		struct session *session =
		    list_element(node, struct session, idle_node);

		if (!is_same(session, server, goal_key))
			continue;
		take_out(session);
		/* A server that speaks unasked says good-bye. */
		if (!session_has_input(session))
			return session;
		session_close(session);
	}
	return NULL;
}

static bool
is_reusable(const struct session *session)
{
	const struct client_params *params = &client()->params;
	int64_t age = loop_now() - session->opened;

	return !session->is_broken && !pile.is_stopped &&
	    params->connection_cache_time_limit > 0 &&
	    age < params->connection_reuse_time_limit * MILLISECONDS &&
	    (params->connection_reuse_count_limit == 0 ||
		session->uses < params->connection_reuse_count_limit);
}

static void
keep(struct session *session)
{
	if (pile.count == IDLE_MAXIMUM) {
		struct session *oldest =
		    list_element(pile.idle.previous, struct session, idle_node);

		take_out(oldest);
		reuse_end(oldest);
	}
	list_add_first(&pile.idle, &session->idle_node);
	pile.count++;
	loop_timer_start(&session->idle_timer,
	    loop_deadline(client()->params.connection_cache_time_limit), expire,
	    session);
}

/* A transaction that was given up half-way has to be undone first. */
static void
reset_and_keep(void *argument)
{
	struct session *session = argument;

	if (session_reset(session) && is_reusable(session))
		keep(session);
	else
		session_quit(session);
}

void
reuse_give(struct session *session)
{
	open_pile();
	if (session->is_broken)
		session_close(session);
	else if (!is_reusable(session))
		reuse_end(session);
	else if (session->needs_reset)
		loop_spawn(reset_and_keep, session);
	else
		keep(session);
}

void
reuse_stop(void)
{
	open_pile();
	pile.is_stopped = true;
	list_foreach_safe (node, &pile.idle) {
		struct session *session =
		    list_element(node, struct session, idle_node);

		take_out(session);
		reuse_end(session);
	}
}
