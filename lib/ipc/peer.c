/* SPDX-License-Identifier: MIT */
#include "lib/ipc/peer.h"

#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/ipc/channel.h"
#include "lib/ipc/peer_private.h"
#include "lib/loop/loop.h"

void
peer_free_if_unused(struct peer *peer)
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

void
peer_send_frame(struct peer *peer, uint32_t slot, enum message_type type,
    uint16_t flags, struct span payload)
{
	channel_send(peer->channel,
	    &(struct frame){slot, (uint16_t)type, flags, payload, -1});
}

static void
lose(struct peer *peer, const struct error *error)
{
	if (peer->closed)
		return;
	peer->closed = true;
	conversation_end_all(&peer->ours);
	conversation_end_all(&peer->theirs);
	peer->in_loss = true;
	if (!peer->released && peer->settings.closed != NULL)
		peer->settings.closed(peer, error);
	peer->in_loss = false;
	/* Who dialled and was not told still holds it. */
	if (peer->settings.closed != NULL || peer->our_bit == ACCEPTOR_BIT)
		peer->released = true;
	peer_free_if_unused(peer);
}

void
peer_refuse(struct peer *peer, const char *why, const struct frame *frame)
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
	conversation = conversation_add(peer, frame->slot);
	if (peer->settings.served_maximum > 0 &&
	    peer->served >= peer->settings.served_maximum) {
		/* Stays until the other side has closed it as well. */
		conversation_close(conversation);
		return conversation;
	}
	conversation->handler = handler;
	peer->served++;
	loop_spawn(serve, conversation);
	return conversation;
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
	peer_refuse(peer, "unexpected notice", frame);
}

static void
take_hello(struct peer *peer, const struct frame *frame)
{
	struct message_hello hello;

	if (frame->slot != 0 || frame->type != MESSAGE_HELLO ||
	    !message_get_hello(frame->payload, &hello)) {
		peer_refuse(peer, "no greeting", frame);
		return;
	}
	snprintf(peer->name, sizeof peer->name, "%.*s", SPAN_ARGS(hello.from));
	if (hello.table != message_table_hash() ||
	    hello.instance != peer->identity.instance ||
	    !span_equal(hello.service, span_text(peer->identity.service)))
		peer_refuse(peer, "another instance or version", frame);
	else
		peer->greeted = true;
}

static bool
may_bring_fd(struct peer *peer, const struct frame *frame)
{
	const struct peer_handler *handler = find_handler(peer, frame->type);

	return peer->greeted && handler != NULL && handler->takes_fd &&
	    conversation_find(peer, frame->slot) == NULL;
}

static void
take_frame(void *owner, struct frame *frame)
{
	struct peer *peer = owner;
	struct conversation *conversation;

	if (frame->fd >= 0 && !may_bring_fd(peer, frame)) {
		io_close(&frame->fd);
		peer_refuse(peer, "unexpected descriptor", frame);
		return;
	}
	if (!peer->greeted) {
		take_hello(peer, frame);
		return;
	}
	if (frame->slot == 0) {
		take_notice(peer, frame);
		return;
	}
	conversation = conversation_find(peer, frame->slot);
	if (conversation == NULL)
		conversation = begin_serving(peer, frame);
	if (conversation == NULL || conversation->closed_there) {
		io_close(&frame->fd);
		peer_refuse(peer, "unexpected frame", frame);
	} else if (frame->type == MESSAGE_CLOSE) {
		conversation_end_there(conversation);
	} else if (frame->type == MESSAGE_CREDIT) {
		conversation_take_credit(conversation, frame);
	} else {
		conversation_queue(conversation, frame);
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
	if (peer->closed) {
		peer_free_if_unused(peer);
		return;
	}
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
		peer_send_frame(peer, 0, type, 0, payload);
}

#define MESSAGE(NAME, name, fields)                                    \
	void peer_notify_##name(                                       \
	    struct peer *peer, const struct message_##name *message)   \
	{                                                              \
		struct buf payload;                                    \
                                                                       \
		buf_init(&payload, FRAME_PAYLOAD_MAXIMUM);             \
		must(message_put_##name(&payload, message));           \
		peer_notify(peer, MESSAGE_##NAME, buf_span(&payload)); \
		buf_finish(&payload);                                  \
	}
#define SIGNAL(NAME)
#define RECORD(name, fields)
#include "lib/ipc/messages.def"
#undef MESSAGE
#undef SIGNAL
#undef RECORD
