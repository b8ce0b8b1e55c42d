/* SPDX-License-Identifier: MIT */
#include "master/roll.h"

#include "lib/log/log.h"

#include "master/staffing.h"

enum {
	INTERVAL = 10, /* seconds between two rolls */
	DRAIN = 60
};

static bool
is_rolled(void *argument)
{
	const struct role *role = argument;

	list_foreach (node, &role->staff.children) {
		const struct child *child =
		    list_element(node, struct child, node);

		if (!child->is_outgoing && child->state == CHILD_STARTING)
			return false;
	}
	return true;
}

static bool
has_successor(const struct role *role)
{
	list_foreach (node, &role->staff.children) {
		const struct child *child =
		    list_element(node, struct child, node);

		if (!child->is_outgoing && child->state == CHILD_READY)
			return true;
	}
	return false;
}

static void
settle_roll(struct role *role, bool success)
{
	list_foreach_safe (node, &role->staff.children) {
		struct child *child = list_element(node, struct child, node);

		if (child->is_outgoing && success)
			child_drain(child, DRAIN);
		child->is_outgoing = false;
	}
}

static void
roll(struct supervisor *supervisor, struct role *role)
{
	bool success;

	list_foreach (node, &role->staff.children)
		list_element(node, struct child, node)->is_outgoing = true;
	role->generation->number = ++supervisor->last_generation;
	staffing_fill(role);
	success =
	    crew_wait(&supervisor->crew, is_rolled, role, LOOP_NO_DEADLINE) &&
	    has_successor(role);
	settle_roll(role, success);
	if (!success)
		log_error(NULL, "service %s: the tables it has stay in use",
		    role->name);
}

static void
run_roll(void *argument)
{
	struct supervisor *supervisor = argument;
	struct role *role;

	/* A changeover in progress opens the tables anew by itself. */
	if (supervisor->is_changing || supervisor->is_stopping)
		return;
	supervisor->is_changing = true;
	supervisor->last_roll = loop_now();
	role = generation_find(supervisor->current, SPAN("lookup"));
	if (role != NULL)
		roll(supervisor, role);
	supervisor->is_changing = false;
	crew_changed(&supervisor->crew);
}

static void
begin_roll(struct loop_timer *timer)
{
	loop_spawn(run_roll, timer->owner);
}

void
roll_request(struct supervisor *supervisor)
{
	if (supervisor->roll.heap_index == 0)
		loop_timer_start(&supervisor->roll,
		    supervisor->last_roll + INTERVAL * 1000, begin_roll,
		    supervisor);
}
