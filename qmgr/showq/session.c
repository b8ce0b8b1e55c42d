/* SPDX-License-Identifier: MIT */
#include "qmgr/showq/session.h"

#include "lib/base/memory.h"
#include "lib/daemon/active_list.h"
#include "lib/daemon/flight.h"
#include "lib/daemon/service.h"
#include "lib/log/log.h"
#include "lib/mail/domain.h"
#include "lib/net/stream.h"
#include "lib/queue/store_segments.h"

#include "qmgr/showq/caller.h"
#include "qmgr/showq/listing.h"
#include "qmgr/showq/params.h"

enum {
	LINE_MAXIMUM = 300,
	PATIENCE = 300,    /* seconds for the client to read or write */
	QMGR_PATIENCE = 60 /* seconds for qmgr to answer */
};

struct session {
	struct stream stream;
	struct caller caller;
};

/* The process has one queue. */
static struct store *store;

static void *
begin_segment(const char *name)
{
	return flight_begin("list", SPAN_EMPTY, span_text(name));
}

static void
end_segment(void *slot)
{
	flight_end(slot);
}

bool
session_open(struct error *error)
{
	static const struct store_watch watch = {begin_segment, end_segment};

	store = store_open(service_common()->queue_directory, error);
	if (store != NULL)
		store_watch_segments(store, &watch);
	return store != NULL;
}

/* ---- listing ---- */

static bool
send_bytes(void *owner, struct span bytes, struct error *error)
{
	struct session *session = owner;

	return stream_write(
	    &session->stream, bytes, loop_deadline(PATIENCE), error);
}

static bool
take_active(void *owner, const struct message_active_message *message)
{
	struct hash *active = owner;
	struct queue_id id;
	struct locator *locator;

	if (message->place >= PLACE_COUNT || !id_parse(message->queue_id, &id))
		return false;
	locator = memory_alloc(sizeof *locator);
	*locator = (struct locator){
	    .id = id,
	    .place = (enum locator_place)message->place,
	    .bucket = message->bucket,
	    .in = {.segment = message->segment,
		.number = message->segment_number,
		.offset = message->segment_offset,
		.length = message->segment_length,
		.generation = message->segment_generation},
	};
	free(hash_put(active, message->queue_id, locator));
	return true;
}

static void
free_active(struct hash *active)
{
	struct hash_cursor cursor = {0};
	struct locator *locator;

	while ((locator = hash_next(active, &cursor, NULL)) != NULL)
		free(locator);
	hash_destroy(active);
}

/* Without qmgr no message is active. */
static struct hash *
find_active(void)
{
	struct conversation *conversation =
	    switchboard_converse("qmgr", loop_deadline(1), NULL);
	struct hash *active = hash_create();
	struct error error;

	if (conversation != NULL &&
	    !active_list_read(conversation, take_active, active, &error))
		log_info(NULL, "active messages not known: %s", error.text);
	conversation_close(conversation);
	return active;
}

static void
list_queue(struct session *session)
{
	struct hash *active = find_active();
	struct listing listing = {
	    .store = store,
	    .active = active,
	    .empty_address_recipient =
		service_common()->empty_address_recipient,
	    .take = send_bytes,
	    .owner = session,
	};
	struct error error;

	if (!listing_run(&listing, &error))
		log_info(NULL, "listing ended early: %s", error.text);
	free_active(active);
}

/* ---- flushing ---- */

static bool
answer(struct session *session, const char *text)
{
	return stream_printf(
	    &session->stream, loop_deadline(PATIENCE), NULL, "%s\n", text);
}

static bool
await_reply(struct conversation *conversation, struct error *error)
{
	struct message_reply reply;
	struct frame frame;

	if (!conversation_expect(conversation, MESSAGE_REPLY,
		loop_deadline(QMGR_PATIENCE), &frame, error))
		return false;
	/* A message that has gone meanwhile is no failure. */
	return (message_get_reply(frame.payload, &reply) &&
		   (reply.code == 250 || reply.code == 550)) ||
	    error_set(error, ERROR_TEMPORARY, "refused");
}

static void
send_operation(struct conversation *conversation, struct span id)
{
	struct message_queue_operation order = {
	    .operation = QUEUE_FLUSH,
	    .queues = QUEUE_SET_SOUND,
	    .queue_id = id,
	};

	conversation_send_queue_operation(conversation, &order);
}

static void
send_site(struct conversation *conversation, struct span site)
{
	struct message_flush_site order = {site};

	conversation_send_flush_site(conversation, &order);
}

static const char *
ask_qmgr(void (*send)(struct conversation *conversation, struct span argument),
    struct span argument)
{
	struct error error;
	struct conversation *conversation =
	    switchboard_converse("qmgr", loop_deadline(QMGR_PATIENCE), &error);
	bool good;

	if (conversation == NULL)
		return "450 queue manager is not there";
	send(conversation, argument);
	good = await_reply(conversation, &error);
	conversation_close(conversation);
	return good ? "250 Ok" : "450 queue manager is busy";
}

static bool
is_site(struct span text)
{
	struct span ip;

	return domain_is_literal(text, &ip) ||
	    domain_is_hostname(text, true, NULL);
}

static const char *
flush(struct span line)
{
	static const struct span id_command = {"id ", 3};
	static const struct span site_command = {"site ", 5};
	struct queue_id parsed;

	if (span_starts(line, id_command)) {
		line = span_skip(line, id_command.len);
		return id_parse(line, &parsed) ? ask_qmgr(send_operation, line)
					       : "501 no queue id";
	}
	if (span_starts(line, site_command)) {
		line = span_skip(line, site_command.len);
		return is_site(line) ? ask_qmgr(send_site, line)
				     : "501 no domain or address literal";
	}
	return span_equal(line, SPAN("flush"))
	    ? ask_qmgr(send_operation, SPAN_EMPTY)
	    : "501 no such command";
}

static void
serve_flush(struct session *session)
{
	enum line_ending ending;
	struct span line;

	while (!service_is_draining() &&
	    stream_read_line(&session->stream, LINE_MAXIMUM,
		loop_deadline(PATIENCE), &line, &ending, NULL) &&
	    answer(session, flush(line)))
		continue;
}

/* ---- any ---- */

static const struct {
	const char *listener;
	const char *action; /* in the log */
	void (*serve)(struct session *session);
	const char *refusal; /* NULL: the connection is closed */
} services[] = {
    {"showq", "view the mail queue", list_queue, NULL},
    {"flush", "flush the mail queue", serve_flush, "550 not allowed"},
};

static struct span
users_of(size_t which)
{
	return span_text(which == 0 ? showq_params.authorized_mailq_users
				    : showq_params.authorized_flush_users);
}

static bool
admit(struct session *session, size_t which)
{
	int fd = session->stream.loop_fd.fd;
	struct error error;

	if (!caller_enter(&session->caller, fd, &error)) {
		log_warning(
		    NULL, "%s: %s", services[which].listener, error.text);
		return false;
	}
	if (caller_is_listed(&session->caller, users_of(which), &error))
		return true;
	if (error.kind == ERROR_INVALID)
		log_warning(NULL, "user %u is not allowed to %s",
		    (unsigned)session->caller.uid, services[which].action);
	else
		log_warning(
		    NULL, "%s: %s", services[which].listener, error.text);
	return false;
}

static void
serve(struct session *session, size_t which)
{
	if (admit(session, which))
		services[which].serve(session);
	else if (services[which].refusal != NULL)
		(void)answer(session, services[which].refusal);
	caller_leave(&session->caller);
}

void
session_serve(const char *listener, int fd, const struct address *peer UNUSED)
{
	struct session *session = memory_zero(sizeof *session);

	stream_init(&session->stream, fd);
	for (size_t i = 0; i < COUNT_OF(services); i++)
		if (strcmp(services[i].listener, listener) == 0)
			serve(session, i);
	if (!stream_flush(&session->stream, loop_deadline(PATIENCE), NULL))
		log_info(NULL, "%s: the client has gone", listener);
	stream_close(&session->stream);
	free(session);
}
