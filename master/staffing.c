/* SPDX-License-Identifier: MIT */
#include "master/staffing.h"

#include <sys/socket.h>
#include <sys/wait.h>

#include "lib/base/io.h"
#include "lib/log/log.h"

enum {
	BACKOFF_FIRST = 1000, /* milliseconds */
	BACKOFF_MAXIMUM = 60000,
	SHORT_LIFE = 1000,     /* ready for less: as if it never was */
	CRASH_WINDOW = 60000,  /* in which so many crashes ... */
	CRASHES_MAXIMUM = 3,   /* ... halve the dial ... */
	CAREFUL_TIME = 600000, /* ... for so long */
	IDLE_DRAIN = 3600,     /* seconds for sessions that are left */
	ALONE_MAXIMUM = 4      /* processes of a role */
};

static struct child *
child_of(struct list *node)
{
	return list_element(node, struct child, node);
}

static bool
is_active(const struct child *child)
{
	return child->state != CHILD_DRAINING && !child->is_outgoing &&
	    !child->has_exited && !child->is_alone;
}

uint32_t
staffing_count(const struct role *role)
{
	uint32_t count = 0;

	list_foreach (node, &role->staff.children)
		count += is_active(child_of(node));
	return count;
}

bool
staffing_is_waiting(const struct role *role)
{
	return role->staff.not_before > loop_now() && staffing_count(role) == 0;
}

static void
retry(struct loop_timer *timer)
{
	staffing_fill(timer->owner);
}

static void
back_off(struct role *role)
{
	struct staff *staff = &role->staff;
	int64_t pause = BACKOFF_FIRST;

	for (unsigned i = 0; i < staff->failures && pause < BACKOFF_MAXIMUM;
	     i++)
		pause *= 2;
	if (pause > BACKOFF_MAXIMUM)
		pause = BACKOFF_MAXIMUM;
	staff->failures++;
	staff->not_before = loop_now() + pause;
}

/* Two of some programs must not live at once, whatever generation they are of.
 */
static bool
has_predecessor(const struct role *role)
{
	const struct crew *crew = role->staff.crew;
	const struct child *child;
	uint32_t position = 0;

	if (!role_has(role, PROGRAM_EXCLUSIVE))
		return false;
	while ((child = crew_next(crew, &position)) != NULL)
		if (child->role->program == role->program && !child->is_check)
			return true;
	return false;
}

static void
start_one(struct role *role)
{
	struct error error;

	if (crew_start(role->staff.crew, role, &error))
		return;
	log_error(NULL, "service %s: %s", role->name, error.text);
	role->generation->has_failed = true;
	back_off(role);
}

void
staffing_fill(struct role *role)
{
	struct staff *staff = &role->staff;

	if (staff->crew == NULL || !staff->is_wanted || has_predecessor(role))
		return;
	while (staffing_count(role) < role->base) {
		if (staff->not_before > loop_now()) {
			loop_timer_start(
			    &staff->retry, staff->not_before, retry, role);
			return;
		}
		start_one(role);
	}
}

void
staffing_begin(struct role *role, struct crew *crew)
{
	role->staff.crew = crew;
	role->staff.last_full = loop_now();
}

void
staffing_end(struct role *role)
{
	role->staff.crew = NULL;
	loop_timer_stop(&role->staff.retry);
}

void
staffing_want(struct role *role)
{
	role->staff.is_wanted = true;
	staffing_fill(role);
}

static unsigned
count_alone(const struct role *role)
{
	unsigned count = 0;

	list_foreach (node, &role->staff.children)
		count += child_of(node)->is_alone;
	return count;
}

/* A crowd of them is told why. Nobody waits for a client that reads nothing. */
static void
turn_away(int client)
{
	static const char farewell[] =
	    "421 4.3.2 Service not available, try again later\r\n";

	if (client >= 0)
		(void)send(client, farewell, sizeof farewell - 1,
		    MSG_DONTWAIT | MSG_NOSIGNAL);
	io_close(&client);
}

void
staffing_start_alone(struct role *role, int client)
{
	struct error error;

	if (role->staff.crew == NULL || count_alone(role) >= ALONE_MAXIMUM)
		turn_away(client);
	else if (!crew_start_alone(role->staff.crew, role, client, &error))
		log_error(NULL, "service %s: %s", role->name, error.text);
}

void
staffing_ready(struct child *child)
{
	if (!child->is_alone)
		child->role->staff.not_before = 0;
}

/* ---- sessions ---- */

static bool
is_all_full(const struct role *role)
{
	list_foreach (node, &role->staff.children)
		if (is_active(child_of(node)) && !child_of(node)->is_full)
			return false;
	return true;
}

static void
set_stress(struct role *role, bool on)
{
	struct message_stress message = {on};

	if (role->staff.is_stressed == on)
		return;
	role->staff.is_stressed = on;
	list_foreach (node, &role->staff.children)
		child_send_stress(child_of(node), &message, -1);
}

void
staffing_dial(struct child *child, bool full)
{
	struct role *role = child->role;

	if (child->is_alone)
		return;
	child->is_full = full;
	role->staff.last_full = loop_now();
	if (!is_active(child))
		return;
	if (!is_all_full(role))
		set_stress(role, false);
	else if (staffing_count(role) >= role->limit)
		set_stress(role, true);
	else if (role->staff.crew != NULL)
		start_one(role);
}

void
staffing_shrink(struct role *role, int64_t max_idle)
{
	struct child *newest = NULL;

	if (staffing_count(role) <= role->base ||
	    role->staff.last_full + max_idle * 1000 > loop_now())
		return;
	list_foreach (node, &role->staff.children)
		if (is_active(child_of(node)) && !child_of(node)->is_full)
			newest = child_of(node);
	if (newest != NULL)
		child_drain(newest, IDLE_DRAIN);
}

/* ---- deaths ---- */

static void
note_crash(struct role *role)
{
	struct staff *staff = &role->staff;

	if (staff->last_crash + CRASH_WINDOW < loop_now())
		staff->crashes = 0;
	staff->last_crash = loop_now();
	if (++staff->crashes < CRASHES_MAXIMUM)
		return;
	staff->crashes = 0;
	if (role->dial <= DIAL_CAREFUL_MINIMUM)
		return;
	staff->halvings =
	    staff->careful_until > loop_now() ? staff->halvings + 1 : 1;
	staff->careful_until = loop_now() + CAREFUL_TIME;
	log_warning(NULL,
	    "service %s: repeated crashes: %u sessions per process for a while",
	    role->name, role_dial(role));
}

void
staffing_died(struct child *child)
{
	struct role *role = child->role;
	bool served = child->state == CHILD_READY &&
	    loop_now() - child->ready_at >= SHORT_LIFE;

	if (child->is_alone)
		return;
	if (WIFSIGNALED(child->status) && child->state != CHILD_DRAINING)
		note_crash(role);
	if (child->state == CHILD_STARTING ||
	    (child->state == CHILD_READY && !served))
		back_off(role);
	else
		role->staff.failures = 0;
	staffing_fill(role);
}
