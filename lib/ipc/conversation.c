/* SPDX-License-Identifier: MIT */
#include "lib/ipc/conversation.h"

#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/ipc/channel.h"
#include "lib/ipc/peer_private.h"

enum {
	QUEUE_MAXIMUM = 1 << 20,    /* bytes a conversation may have unread */
	CREDIT_MAXIMUM = 256 << 10, /* content bytes under way */
	CREDIT_STEP = 64 << 10,     /* taken in before credit is given back */
	CONTENT_SIZE = 32 << 10
};

struct queued_frame {
	struct list node;
	struct frame frame;
	char payload[];
};

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

struct conversation *
conversation_find(struct peer *peer, uint32_t slot)
{
	struct slot_table *table = table_of(peer, slot);
	uint32_t number = slot & ~ACCEPTOR_BIT;

	return number < table->size ? table->at[number] : NULL;
}

struct conversation *
conversation_add(struct peer *peer, uint32_t slot)
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
	peer_free_if_unused(peer);
}

void
conversation_end_there(struct conversation *conversation)
{
	conversation->closed_there = true;
	loop_signal_raise(&conversation->arrived);
	loop_signal_raise(&conversation->credit_given);
	free_if_finished(conversation);
}

void
conversation_end_all(struct slot_table *table)
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

void
conversation_take_credit(
    struct conversation *conversation, const struct frame *frame)
{
	struct message_credit credit;

	if (!message_get_credit(frame->payload, &credit) ||
	    credit.bytes > conversation->under_way) {
		peer_refuse(conversation->peer, "wrong credit", frame);
		return;
	}
	conversation->under_way -= credit.bytes;
	loop_signal_raise(&conversation->credit_given);
}

void
conversation_queue(struct conversation *conversation, struct frame *frame)
{
	struct queued_frame *queued;

	if (conversation->closed_here) {
		io_close(&frame->fd);
		return;
	}
	if (conversation->queued_bytes > QUEUE_MAXIMUM) {
		peer_refuse(conversation->peer, "unread input", frame);
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
	return conversation_add(peer, number | peer->our_bit);
}

/* Who has closed waits only for the slot. */
static void
send_close(const struct conversation *conversation)
{
	const struct frame close = {
	    .slot = conversation->slot, .type = MESSAGE_CLOSE, .fd = -1};

	if (conversation->closed_there)
		channel_send_later(conversation->peer->channel, &close);
	else
		channel_send(conversation->peer->channel, &close);
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
		send_close(conversation);
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
		peer_send_frame(conversation->peer, conversation->slot, type,
		    flags, payload);
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
	}
#define SIGNAL(NAME)
#define RECORD(name, fields)
#include "lib/ipc/messages.def"
#undef MESSAGE
#undef SIGNAL
#undef RECORD
