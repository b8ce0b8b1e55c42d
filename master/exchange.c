/* SPDX-License-Identifier: MIT */
#include "master/exchange.h"

#include "lib/log/log.h"
#include "lib/net/listen.h"

#include "master/staffing.h"

static void
answer(struct child *child, struct span service, const char *problem, int fd)
{
	struct message_given message = {service, span_text(problem)};

	child_send_given(child, &message, fd);
}

static const struct listener *
internal_listener(const struct role *role)
{
	for (size_t i = 0; i < role->listeners.count; i++)
		if (strcmp(role->listeners.at[i].name, "listen") == 0)
			return &role->listeners.at[i];
	return NULL;
}

static void
connect_to(struct child *child, struct span service, const struct role *role)
{
	const struct listener *listener = internal_listener(role);
	struct error error;
	int fd;

	if (listener == NULL) {
		answer(child, service, "does not listen", -1);
		return;
	}
	/* The listener is ours, so this never waits. */
	fd = connect_open(&listener->address, NULL, 0, &error);
	answer(child, service, fd < 0 ? error.text : NULL, fd);
}

void
exchange_connect(const struct generation *generation, bool submit_only,
    struct child *child, struct span service)
{
	struct role *role = generation_find(generation, service);

	if (role == NULL) {
		answer(child, service, "is not configured", -1);
		return;
	}
	if (!process_table_may_ask(child->role->program, role->program)) {
		log_warning(NULL, "process %s pid %d: may not ask for %.*s",
		    child->role->program->name, (int)child->pid,
		    SPAN_ARGS(service));
		answer(child, service, "may not be asked for", -1);
		return;
	}
	if (submit_only && !role_has(role, PROGRAM_SUBMIT)) {
		answer(child, service, "is not running", -1);
		return;
	}
	staffing_want(role);
	if (staffing_is_waiting(role))
		answer(child, service, "does not start", -1);
	else
		connect_to(child, service, role);
}

bool
exchange_hold(struct child *child, struct span service)
{
	return memchr(service.at, '\0', service.len) == NULL &&
	    buf_append_span(&child->held, service) &&
	    buf_append_byte(&child->held, '\0');
}

void
exchange_connect_held(
    const struct generation *generation, bool submit_only, struct child *child)
{
	struct span rest = buf_span(&child->held);
	struct span service;

	while (rest.len > 0) {
		span_split(rest, '\0', &service, &rest);
		exchange_connect(generation, submit_only, child, service);
	}
	buf_finish(&child->held);
}

static bool
is_agent(const struct child *child)
{
	return role_has(child->role, PROGRAM_AGENT) && !child->is_check &&
	    child->state != CHILD_STARTING;
}

void
exchange_tell_agents(const struct crew *crew, struct child *qmgr)
{
	struct message_agents message;
	const struct child *child;
	struct buf list;
	uint32_t position = 0;

	buf_init(&list, FRAME_PAYLOAD_MAXIMUM / 2);
	while ((child = crew_next(crew, &position)) != NULL) {
		struct message_agent_process entry = {child->number};

		if (is_agent(child))
			must(message_put_agent_process(&list, &entry));
	}
	message.list = buf_span(&list);
	child_send_agents(qmgr, &message, -1);
	buf_finish(&list);
}
