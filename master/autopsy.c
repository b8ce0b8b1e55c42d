/* SPDX-License-Identifier: MIT */
#include "master/autopsy.h"

#include <sys/wait.h>

#include <signal.h>

#include "lib/base/memory.h"
#include "lib/daemon/flight.h"
#include "lib/log/log.h"
#include "lib/queue/segment.h"
#include "lib/sandbox/call_filter.h"

enum {
	CALL_NAME_SIZE = 40,
	SLOTS_TEXT = 600,
	MINUTE = 60 * 1000,
	DAY = 24 * 60 * MINUTE,
	CLIENT_MEMORY = 10 * MINUTE
};

_Static_assert((int)FLIGHT_SLOTS <= (int)SUSPECTS_MAXIMUM,
    "what was in hand in one crash is known together");

static const struct suspects_rule message_rule = {
    .alone = 2,
    .certain = 4,
    .window = DAY,
    .memory = DAY,
};

static const struct suspects_rule client_rule = {
    .alone = 3,
    .certain = 3,
    .window = MINUTE,
    .memory = CLIENT_MEMORY,
};

void
autopsy_init(struct autopsy *autopsy)
{
	autopsy->messages.rule = &message_rule;
	autopsy->clients.rule = &client_rule;
}

bool
autopsy_is_crash(int status)
{
	static const int own[] = {
	    SIGSEGV, SIGBUS, SIGABRT, SIGILL, SIGFPE, SIGTRAP, SIGSYS};

	for (size_t i = 0; WIFSIGNALED(status) && i < COUNT_OF(own); i++)
		if (WTERMSIG(status) == own[i])
			return true;
	return false;
}

/* ---- names ---- */

/* The names that a crash accuses, each once. */
struct names {
	struct span at[FLIGHT_SLOTS];
	size_t count;
};

static void
add_name(struct names *names, const char *name)
{
	struct span text = span_text(name);

	for (size_t i = 0; i < names->count; i++)
		if (span_equal(names->at[i], text))
			return;
	names->at[names->count++] = text;
}

/* A message, or a segment that was read as a whole. */
static bool
is_in_queue(const char *text)
{
	struct queue_id id;
	uint32_t segment;

	return id_parse(span_text(text), &id) ||
	    segment_name_parse(span_text(text), &segment);
}

static void
collect_messages(
    const struct flight_slot *slots, size_t count, struct names *names)
{
	names->count = 0;
	for (size_t i = 0; i < count; i++)
		if (is_in_queue(slots[i].message))
			add_name(names, slots[i].message);
}

static void
collect_clients(
    const struct flight_slot *slots, size_t count, struct names *names)
{
	names->count = 0;
	for (size_t i = 0; i < count; i++)
		if (slots[i].client[0] != '\0')
			add_name(names, slots[i].client);
}

/* ---- telling ---- */

static void
put_message(struct buf *list, const struct suspect *suspect)
{
	struct message_suspect record = {
	    span_text(suspect->name), suspect->is_guilty};

	must(message_put_suspect(list, &record));
}

static void
send_messages(struct child *child, const struct buf *list)
{
	struct message_suspects message = {buf_span(list)};

	child_send_suspects(child, &message, -1);
}

static void
tell_all_messages(const struct suspects *messages, struct child *qmgr)
{
	struct buf list;

	buf_init(&list, FRAME_PAYLOAD_MAXIMUM - sizeof(uint32_t));
	for (size_t i = 0; i < messages->count; i++)
		put_message(&list, &messages->at[i]);
	send_messages(qmgr, &list);
	buf_finish(&list);
}

static void
tell_clients(const struct suspects *clients, struct child *child)
{
	struct message_clients message;
	struct buf list;

	buf_init(&list, FRAME_PAYLOAD_MAXIMUM - sizeof(uint32_t));
	for (size_t i = 0; i < clients->count; i++)
		if (clients->at[i].is_guilty) {
			struct message_client record = {
			    span_text(clients->at[i].name)};

			must(message_put_client(&list, &record));
		}
	message.list = buf_span(&list);
	child_send_clients(child, &message, -1);
	buf_finish(&list);
}

/* It accepts clients. */
static bool
is_worker(const struct child *child)
{
	return child->role->is_inet && !child->is_alone && !child->is_check;
}

void
autopsy_tell(const struct autopsy *autopsy, struct child *child)
{
	if (role_has(child->role, PROGRAM_CONTROLLED))
		tell_all_messages(&autopsy->messages, child);
	if (is_worker(child))
		tell_clients(&autopsy->clients, child);
}

void
autopsy_sweep(struct autopsy *autopsy, const struct crew *crew)
{
	struct child *child;
	uint32_t position = 0;

	(void)suspects_sweep(&autopsy->messages, loop_now());
	if (!suspects_sweep(&autopsy->clients, loop_now()))
		return;
	while ((child = crew_next(crew, &position)) != NULL)
		if (is_worker(child))
			tell_clients(&autopsy->clients, child);
}

/* To the qmgr that lives, if there is one: what is suspected, and that this
 * agent is dead. */
static void
tell_qmgr(const struct autopsy *autopsy, const struct child *dead,
    struct names *names)
{
	struct message_agent_died died = {dead->number};
	struct child *child;
	uint32_t position = 0;
	struct buf list;

	buf_init(&list, FRAME_PAYLOAD_MAXIMUM - sizeof(uint32_t));
	for (size_t i = 0; i < names->count; i++)
		put_message(
		    &list, suspects_find(&autopsy->messages, names->at[i]));
	while ((child = crew_next(dead->crew, &position)) != NULL) {
		if (!role_has(child->role, PROGRAM_CONTROLLED) ||
		    child->is_check)
			continue;
		if (names->count > 0)
			send_messages(child, &list);
		if (role_has(dead->role, PROGRAM_AGENT))
			child_send_agent_died(child, &died, -1);
	}
	buf_finish(&list);
}

static void
tell_workers(const struct autopsy *autopsy, const struct role *role)
{
	list_foreach (node, &role->staff.children) {
		struct child *child = list_element(node, struct child, node);

		if (!child->is_alone)
			tell_clients(&autopsy->clients, child);
	}
}

/* ---- deaths ---- */

/* Who made a system call that is not his to make. */
static void
log_refused_call(const struct child *child)
{
	int number = flight_read_call(child->flight);
	char name[CALL_NAME_SIZE];

	if (number < 0)
		return;
	call_filter_name(number, name, sizeof name);
	log_event(NULL, LOG_PROCESS_SANDBOXED,
	    log_text("program", span_text(child->role->program->name)),
	    log_number("pid", (uint64_t)child->pid),
	    log_text("call", span_text(name)),
	    log_number("number", (uint64_t)number));
}

static void
log_death(
    const struct child *child, const struct flight_slot *slots, size_t count)
{
	struct span program = span_text(child->role->program->name);
	uint64_t pid = (uint64_t)child->pid;
	char text[SLOTS_TEXT];

	if (WIFSIGNALED(child->status)) {
		flight_describe(slots, count, text, sizeof text);
		log_event(NULL, LOG_PROCESS_CRASHED,
		    log_text("program", program), log_number("pid", pid),
		    log_number("signal", (uint64_t)WTERMSIG(child->status)),
		    log_optional("slots", span_text(text)));
	} else if (WEXITSTATUS(child->status) != 0) {
		log_event(NULL, LOG_PROCESS_FAILED,
		    log_text("program", program), log_number("pid", pid),
		    log_number("status", (uint64_t)WEXITSTATUS(child->status)));
	}
}

static void
accuse_clients(struct autopsy *autopsy, const struct child *child,
    const struct names *names)
{
	suspects_note(&autopsy->clients, names->at, names->count, loop_now());
	for (size_t i = 0; i < names->count; i++)
		if (suspects_find(&autopsy->clients, names->at[i])->is_guilty)
			log_warning(NULL,
			    "client %.*s was connected to three processes that "
			    "crashed: it gets one of its own for a while",
			    SPAN_ARGS(names->at[i]));
	tell_workers(autopsy, child->role);
}

void
autopsy_run(struct autopsy *autopsy, struct child *child)
{
	bool is_crash = autopsy_is_crash(child->status) || child->is_hung;
	struct flight_slot *slots = memory_zero(FLIGHT_SLOTS * sizeof *slots);
	struct names *names = memory_zero(sizeof *names);
	size_t count = 0;

	if (WIFSIGNALED(child->status) && child->flight >= 0)
		count = flight_read(child->flight, slots, FLIGHT_SLOTS);
	log_death(child, slots, count);
	if (WIFSIGNALED(child->status) && WTERMSIG(child->status) == SIGSYS &&
	    child->flight >= 0)
		log_refused_call(child);
	if (is_crash && role_has(child->role, PROGRAM_READS)) {
		collect_messages(slots, count, names);
		suspects_note(
		    &autopsy->messages, names->at, names->count, loop_now());
	}
	tell_qmgr(autopsy, child, names);
	if (is_crash && child->role->is_inet) {
		collect_clients(slots, count, names);
		accuse_clients(autopsy, child, names);
	}
	free(names);
	free(slots);
}

void
autopsy_forget_message(struct autopsy *autopsy, struct span queue_id)
{
	suspects_forget(&autopsy->messages, queue_id);
}
