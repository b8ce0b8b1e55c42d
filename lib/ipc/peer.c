/* SPDX-License-Identifier: MIT */
#include "lib/ipc/peer.h"

#include "lib/base/io.h"
#include "lib/base/list.h"
#include "lib/base/memory.h"
#include "lib/ipc/channel.h"
#include "lib/loop/loop.h"

enum {
	SLOT_MAXIMUM = 65535,
	QUEUE_MAXIMUM = 1 << 20,    /* bytes a conversation may have unread */
	CREDIT_MAXIMUM = 256 << 10, /* content bytes under way */
	CREDIT_STEP = 64 << 10,     /* taken in before credit is given back */
	CONTENT_SIZE = 32 << 10
};

/* Slots opened by the accepting side have this bit, so that both sides choose
 * freely. */
#define ACCEPTOR_BIT 0x80000000u

struct queued_frame {
	struct list node;
	struct frame frame;
	char payload[];
};

/* Exists until both ends are closed. */
struct conversation {
	struct peer *peer;
	uint32_t slot;
	const struct peer_handler *handler; /* NULL: opened by us */
	struct list queue;                  /* of queued_frame */
	size_t queued_bytes;
	struct queued_frame *current; /* handed out by the last receive */
	struct loop_signal arrived;
	struct loop_signal credit_given;
	size_t under_way; /* our content without credit */
	size_t taken_in;  /* their content, credit not yet given */
	bool closed_here;
	bool closed_there;
};

struct slot_table {
	struct conversation **at; /* index = slot number; 0 is unused */
	uint32_t size;
	uint32_t *free; /* stack of free numbers, ours only */
	uint32_t free_count;
	uint32_t used; /* numbers ever handed out */
	uint32_t open;
};

struct peer {
	struct channel *channel;
	struct peer_settings settings;
	struct peer_identity identity;
	struct slot_table ours;
	struct slot_table theirs;
	uint32_t our_bit;
	bool greeted;
	bool closed;
	bool released; /* by its owner: freed with the last conversation */
	bool in_loss;  /* `closed` is being called */
	size_t served;
	char name[64];
};

static void
free_if_unused(struct peer *peer)
{
	if (!peer->closed || !peer->released || peer->in_loss ||
	    peer->ours.open > 0 || peer->theirs.open > 0)
		return;
	channel_destroy(peer->channel);
	free(peer->ours.at);
	free(peer->ours.free);
	free(peer->theirs.at);
	free(peer->theirs.free);
	free(peer);
}

static void
grow_slots(struct slot_table *table, uint32_t number)
{
	uint32_t size = table->size > 0 ? table->size : 16;

	if (number < table->size)
		return;
	while (size <= number)
		size *= 2;
	table->at = memory_resize(table->at, size * sizeof(void *));
	table->free = memory_resize(table->free, size * sizeof(uint32_t));
	memset(
	    table->at + table->size, 0, (size - table->size) * sizeof(void *));
	table->size = size;
}

static struct slot_table *
table_of(struct peer *peer, uint32_t slot)
{
	return (slot & ACCEPTOR_BIT) == peer->our_bit ? &peer->ours
						      : &peer->theirs;
}

static struct conversation *
find_conversation(struct peer *peer, uint32_t slot)
{
	struct slot_table *table = table_of(peer, slot);
	uint32_t number = slot & ~ACCEPTOR_BIT;

	return number < table->size ? table->at[number] : NULL;
}

static struct conversation *
add_conversation(struct peer *peer, uint32_t slot)
{
	struct slot_table *table = table_of(peer, slot);
	uint32_t number = slot & ~ACCEPTOR_BIT;
	struct conversation *conversation = memory_zero(sizeof *conversation);

	grow_slots(table, number);
	must(table->at[number] == NULL);
	conversation->peer = peer;
	conversation->slot = slot;
	list_init(&conversation->queue);
	table->at[number] = conversation;
	table->open++;
	return conversation;
}

static void
free_frame(struct queued_frame *queued)
{
	if (queued == NULL)
		return;
	io_close(&queued->frame.fd);
	free(queued);
}

static void
forget_input(struct conversation *conversation)
{
	list_foreach_safe (node, &conversation->queue) {
		list_remove(node);
		free_frame(list_element(node, struct queued_frame, node));
	}
	conversation->queued_bytes = 0;
	if (conversation->current != NULL)
		conversation->current->frame.fd = -1;
	free_frame(conversation->current);
	conversation->current = NULL;
}

static void
free_if_finished(struct conversation *conversation)
{
	struct peer *peer = conversation->peer;
	struct slot_table *table = table_of(peer, conversation->slot);
	uint32_t number = conversation->slot & ~ACCEPTOR_BIT;

	if (!conversation->closed_here ||
	    (!conversation->closed_there && !peer->closed))
		return;
	table->at[number] = NULL;
	table->open--;
	if (table == &peer->ours)
		table->free[table->free_count++] = number;
	free(conversation);
	free_if_unused(peer);
}

static void
send_frame(struct peer *peer, uint32_t slot, enum message_type type,
    uint16_t flags, struct span payload)
{
	channel_send(peer->channel,
	    &(struct frame){slot, (uint16_t)type, flags, payload, -1});
}

static void
end_there(struct conversation *conversation)
{
	conversation->closed_there = true;
	loop_signal_raise(&conversation->arrived);
	loop_signal_raise(&conversation->credit_given);
	free_if_finished(conversation);
}

static void
end_all(struct slot_table *table)
{
	for (uint32_t i = 0; i < table->size; i++)
		if (table->at[i] != NULL && !table->at[i]->closed_here) {
			loop_signal_raise(&table->at[i]->arrived);
			loop_signal_raise(&table->at[i]->credit_given);
		} else if (table->at[i] != NULL) {
			struct conversation *lingering = table->at[i];

			table->at[i] = NULL;
			table->open--;
			free(lingering);
		}
}

static void
lose(struct peer *peer, const struct error *error)
{
	if (peer->closed)
		return;
	peer->closed = true;
	end_all(&peer->ours);
	end_all(&peer->theirs);
	peer->in_loss = true;
	if (!peer->released && peer->settings.closed != NULL)
		peer->settings.closed(peer, error);
	peer->in_loss = false;
	peer->released = true;
	free_if_unused(peer);
}

static void
refuse(struct peer *peer, const char *why, const struct frame *frame)
{
	struct error error;

	error_set(&error, ERROR_INVALID, "%s: %s from %s", why,
	    message_name(frame->type), peer->name);
	lose(peer, &error);
}

static void
serve(void *argument)
{
	struct conversation *conversation = argument;
	struct peer *peer = conversation->peer;
	struct frame first;
	struct error error;

	if (conversation_receive(conversation, 0, &first, &error))
		conversation->handler->serve(conversation, &first);
	peer->served--;
	conversation_close(conversation);
}

static const struct peer_handler *
find_handler(const struct peer *peer, uint16_t type)
{
	for (size_t i = 0; i < peer->settings.handler_count; i++)
		if (peer->settings.handlers[i].type == type)
			return &peer->settings.handlers[i];
	return NULL;
}

static struct conversation *
begin_serving(struct peer *peer, const struct frame *frame)
{
	const struct peer_handler *handler = find_handler(peer, frame->type);
	struct conversation *conversation;

	if ((frame->slot & ACCEPTOR_BIT) == peer->our_bit ||
	    (frame->slot & ~ACCEPTOR_BIT) > SLOT_MAXIMUM || handler == NULL ||
	    handler->serve == NULL)
		return NULL;
	conversation = add_conversation(peer, frame->slot);
	conversation->handler = handler;
	peer->served++;
	loop_spawn(serve, conversation);
	return conversation;
}

static void
take_credit(struct conversation *conversation, const struct frame *frame)
{
	struct message_credit credit;

	if (!message_get_credit(frame->payload, &credit) ||
	    credit.bytes > conversation->under_way) {
		refuse(conversation->peer, "wrong credit", frame);
		return;
	}
	conversation->under_way -= credit.bytes;
	loop_signal_raise(&conversation->credit_given);
}

static void
queue_frame(struct conversation *conversation, struct frame *frame)
{
	struct queued_frame *queued;

	if (conversation->closed_here) {
		io_close(&frame->fd);
		return;
	}
	if (conversation->queued_bytes > QUEUE_MAXIMUM) {
		refuse(conversation->peer, "unread input", frame);
		return;
	}
	queued = memory_alloc(sizeof *queued + frame->payload.len);
	queued->frame = *frame;
	frame->fd = -1;
	span_copy(queued->payload, frame->payload);
	queued->frame.payload = span_of(queued->payload, frame->payload.len);
	list_add_last(&conversation->queue, &queued->node);
	conversation->queued_bytes += frame->payload.len + sizeof *queued;
	loop_signal_raise(&conversation->arrived);
}

static void
take_notice(struct peer *peer, struct frame *frame)
{
	const struct peer_handler *handler = find_handler(peer, frame->type);

	if (handler != NULL && handler->notice != NULL) {
		handler->notice(peer, frame);
		return;
	}
	io_close(&frame->fd);
	refuse(peer, "unexpected notice", frame);
}

static void
take_hello(struct peer *peer, const struct frame *frame)
{
	struct message_hello hello;

	if (frame->slot != 0 || frame->type != MESSAGE_HELLO ||
	    !message_get_hello(frame->payload, &hello)) {
		refuse(peer, "no greeting", frame);
		return;
	}
	snprintf(peer->name, sizeof peer->name, "%.*s", SPAN_ARGS(hello.from));
	if (hello.table != message_table_hash() ||
	    hello.instance != peer->identity.instance ||
	    !span_equal(hello.service, span_text(peer->identity.service)))
		refuse(peer, "another instance or version", frame);
	else
		peer->greeted = true;
}

static void
take_frame(void *owner, struct frame *frame)
{
	struct peer *peer = owner;
	struct conversation *conversation;

	if (!peer->greeted) {
		take_hello(peer, frame);
		return;
	}
	if (frame->slot == 0) {
		take_notice(peer, frame);
		return;
	}
	conversation = find_conversation(peer, frame->slot);
	if (conversation == NULL)
		conversation = begin_serving(peer, frame);
	if (conversation == NULL || conversation->closed_there) {
		io_close(&frame->fd);
		refuse(peer, "unexpected frame", frame);
	} else if (frame->type == MESSAGE_CLOSE) {
		end_there(conversation);
	} else if (frame->type == MESSAGE_CREDIT) {
		take_credit(conversation, frame);
	} else {
		queue_frame(conversation, frame);
	}
}

static void
channel_closed(void *owner, const struct error *error)
{
	lose(owner, error);
}

static struct peer *
create(int fd, const struct peer_identity *identity,
    const struct peer_settings *settings)
{
	static const struct channel_events events = {
	    .frame = take_frame,
	    .closed = channel_closed,
	};
	struct peer *peer = memory_zero(sizeof *peer);

	peer->settings = *settings;
	peer->identity = *identity;
	peer->channel = channel_create(fd, &events, peer);
	return peer;
}

struct peer *
peer_connect(int fd, const char *service, const struct peer_identity *identity,
    const struct peer_settings *settings)
{
	struct peer *peer = create(fd, identity, settings);
	struct message_hello hello = {
	    .table = message_table_hash(),
	    .instance = identity->instance,
	    .generation = identity->generation,
	    .service = span_text(service),
	    .from = span_text(identity->service),
	};

	peer->greeted = true;
	peer_notify_hello(peer, &hello);
	return peer;
}

struct peer *
peer_accept(int fd, const struct peer_identity *identity,
    const struct peer_settings *settings)
{
	struct peer *peer = create(fd, identity, settings);

	peer->our_bit = ACCEPTOR_BIT;
	return peer;
}

void
peer_close(struct peer *peer)
{
	struct error error = {.kind = ERROR_CLOSED, .text = "closed"};

	peer->released = true;
	channel_flush(peer->channel, 0);
	lose(peer, &error);
}

void *
peer_owner(const struct peer *peer)
{
	return peer->settings.owner;
}

void
peer_set_owner(struct peer *peer, void *owner)
{
	peer->settings.owner = owner;
}

bool
peer_is_open(const struct peer *peer)
{
	return !peer->closed;
}

const char *
peer_name(const struct peer *peer)
{
	return peer->name;
}

size_t
peer_served(const struct peer *peer)
{
	return peer->served;
}

void
peer_notify(struct peer *peer, enum message_type type, struct span payload)
{
	if (!peer->closed)
		send_frame(peer, 0, type, 0, payload);
}

struct conversation *
conversation_open(struct peer *peer, struct error *error)
{
	struct slot_table *table = &peer->ours;
	uint32_t number;

	if (peer->closed) {
		error_set(error, ERROR_CLOSED, "the connection is gone");
		return NULL;
	}
	if (table->free_count > 0) {
		number = table->free[--table->free_count];
	} else if (table->used < SLOT_MAXIMUM) {
		number = ++table->used;
	} else {
		error_set(error, ERROR_LIMIT, "too many conversations");
		return NULL;
	}
	return add_conversation(peer, number | peer->our_bit);
}

void
conversation_close(struct conversation *conversation)
{
	if (conversation == NULL)
		return;
	must(!conversation->closed_here);
	conversation->closed_here = true;
	forget_input(conversation);
	if (!conversation->peer->closed)
		send_frame(conversation->peer, conversation->slot,
		    MESSAGE_CLOSE, 0, SPAN_EMPTY);
	free_if_finished(conversation);
}

struct peer *
conversation_peer(const struct conversation *conversation)
{
	return conversation->peer;
}

void
conversation_send(struct conversation *conversation, enum message_type type,
    uint16_t flags, struct span payload)
{
	if (!conversation->peer->closed)
		send_frame(conversation->peer, conversation->slot, type, flags,
		    payload);
}

void
conversation_send_fd(struct conversation *conversation, enum message_type type,
    struct span payload, int fd)
{
	if (conversation->peer->closed)
		io_close(&fd);
	else
		channel_send(conversation->peer->channel,
		    &(struct frame){
			conversation->slot, (uint16_t)type, 0, payload, fd});
}

static bool
is_open(const struct conversation *conversation)
{
	return !conversation->closed_there && !conversation->peer->closed;
}

static bool
wait_for_credit(
    struct conversation *conversation, int64_t deadline, struct error *error)
{
	while (is_open(conversation) &&
	    conversation->under_way + CONTENT_SIZE > CREDIT_MAXIMUM)
		if (!loop_signal_wait(&conversation->credit_given, deadline))
			return error_set(error, ERROR_TIMEOUT,
			    "content was not taken in time");
	return is_open(conversation) ||
	    error_set(error, ERROR_CLOSED, "the conversation was ended");
}

bool
conversation_send_content(struct conversation *conversation,
    struct span content, bool last, int64_t deadline, struct error *error)
{
	do {
		struct span part = span_head(content, CONTENT_SIZE);
		bool is_last = last && part.len == content.len;

		if (!wait_for_credit(conversation, deadline, error))
			return false;
		conversation_send(conversation, MESSAGE_CONTENT,
		    is_last ? FRAME_LAST : 0, part);
		conversation->under_way += part.len;
		content = span_skip(content, part.len);
	} while (content.len > 0);
	return true;
}

static void
give_credit(struct conversation *conversation, const struct frame *frame)
{
	struct message_credit credit;

	if (frame->type != MESSAGE_CONTENT)
		return;
	conversation->taken_in += frame->payload.len;
	if (conversation->taken_in < CREDIT_STEP)
		return;
	credit.bytes = (uint32_t)conversation->taken_in;
	conversation->taken_in = 0;
	conversation_send_credit(conversation, &credit);
}

static struct queued_frame *
next_frame(struct conversation *conversation)
{
	struct list *node = list_first(&conversation->queue);
	struct queued_frame *queued;

	if (node == NULL)
		return NULL;
	queued = list_element(node, struct queued_frame, node);
	list_remove(node);
	conversation->queued_bytes -=
	    queued->frame.payload.len + sizeof *queued;
	return queued;
}

bool
conversation_receive(struct conversation *conversation, int64_t deadline,
    struct frame *frame, struct error *error)
{
	struct queued_frame *queued;

	free(conversation->current);
	conversation->current = NULL;
	while ((queued = next_frame(conversation)) == NULL) {
		if (!is_open(conversation))
			return error_set(
			    error, ERROR_CLOSED, "the conversation was ended");
		if (!loop_signal_wait(&conversation->arrived, deadline))
			return error_set(
			    error, ERROR_TIMEOUT, "no answer in time");
	}
	conversation->current = queued;
	*frame = queued->frame;
	queued->frame.fd = -1;
	give_credit(conversation, frame);
	return true;
}

bool
conversation_expect(struct conversation *conversation, enum message_type type,
    int64_t deadline, struct frame *frame, struct error *error)
{
	if (!conversation_receive(conversation, deadline, frame, error))
		return false;
	if (frame->type == type)
		return true;
	io_close(&frame->fd);
	return error_set(error, ERROR_INVALID, "%s where %s was expected",
	    message_name(frame->type), message_name((uint16_t)type));
}

bool
conversation_has_frame(const struct conversation *conversation)
{
	return !list_is_empty(&conversation->queue);
}

#define MESSAGE(NAME, name, fields)                                       \
	void conversation_send_##name(struct conversation *conversation,  \
	    const struct message_##name *message)                         \
	{                                                                 \
		struct buf payload;                                       \
                                                                          \
		buf_init(&payload, FRAME_PAYLOAD_MAXIMUM);                \
		must(message_put_##name(&payload, message));              \
		conversation_send(                                        \
		    conversation, MESSAGE_##NAME, 0, buf_span(&payload)); \
		buf_finish(&payload);                                     \
	}                                                                 \
                                                                          \
	void peer_notify_##name(                                          \
	    struct peer *peer, const struct message_##name *message)      \
	{                                                                 \
		struct buf payload;                                       \
                                                                          \
		buf_init(&payload, FRAME_PAYLOAD_MAXIMUM);                \
		must(message_put_##name(&payload, message));              \
		peer_notify(peer, MESSAGE_##NAME, buf_span(&payload));    \
		buf_finish(&payload);                                     \
	}
#define SIGNAL(NAME)
#define RECORD(name, fields)
#include "lib/ipc/messages.def"
#undef MESSAGE
#undef SIGNAL
#undef RECORD
