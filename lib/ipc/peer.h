/* SPDX-License-Identifier: MIT */
/* A connection to another process of the suite, shared by many conversations.
 *
 * A conversation is a run of frames in one slot. Either side opens one; the
 * other side's handler for the first frame's type then runs in a coroutine of
 * its own. Both sides send and receive in straight-line code, and each closes
 * its end once; an end that is closed early makes the other side's next receive
 * fail with ERROR_CLOSED.
 *
 * Content is held back by credit: at most 256 KB of a conversation's content
 * are under way, so a large message stops only itself. */
#ifndef IPC_PEER_H
#define IPC_PEER_H

#include "lib/ipc/conversation.h"

/* Who we are; the same for all connections of a process. */
struct peer_identity {
	uint64_t instance; /* the master's, random at each start */
	uint32_t generation;
	const char *service;
};

/* What may begin a conversation or be sent as a notice. A frame that is in no
 * row ends the connection. */
struct peer_handler {
	uint16_t type;
	/* The first frame may bring a descriptor. Any other one is a broken
	 * peer's, and ends the connection. */
	bool takes_fd;
	/* Runs in a coroutine; the conversation is closed when it returns.
	 * `first` is valid until the first receive. */
	void (*serve)(struct conversation *conversation, struct frame *first);
	/* For slot 0; runs on the loop's stack and must not wait. */
	void (*notice)(struct peer *peer, struct frame *frame);
};

struct peer_settings {
	const struct peer_handler *handlers;
	size_t handler_count;
	/* Conversations that the other side may have open with us; one more is
	 * closed at once, as if it had failed. 0: as many as there are slots.
	 */
	uint32_t served_maximum;
	/* The connection is gone: receives fail from now on. The peer is freed
	 * after this call and after its last conversation was closed. NULL:
	 * one that was accepted has no other owner; one that was dialled stays
	 * until peer_close, and its owner hears of the loss by receiving. */
	void (*closed)(struct peer *peer, const struct error *error);
	void *owner;
};

/* Both take the ownership of `fd`. The accepting side serves nothing before it
 * has seen a matching HELLO. `settings` is copied, its rows are not. */
struct peer *peer_connect(int fd, const char *service,
    const struct peer_identity *identity, const struct peer_settings *settings)
    __attribute__((returns_nonnull));
struct peer *peer_accept(int fd, const struct peer_identity *identity,
    const struct peer_settings *settings) __attribute__((returns_nonnull));
/* Closes the connection, unless it is gone; `closed` is not called. The peer is
 * freed with its last conversation. */
void peer_close(struct peer *peer);

void *peer_owner(const struct peer *peer);
void peer_set_owner(struct peer *peer, void *owner);
bool peer_is_open(const struct peer *peer);
/* The connecting service's name, as it said in HELLO (empty when we dialled).
 */
const char *peer_name(const struct peer *peer);
/* Conversations that the other side has opened and that are being served. */
size_t peer_served(const struct peer *peer);

/* A frame in slot 0. */
void peer_notify(
    struct peer *peer, enum message_type type, struct span payload);

/* peer_notify_agent(peer, &agent) and so on, for every MESSAGE. */
#define MESSAGE(NAME, name, fields) \
	void peer_notify_##name(    \
	    struct peer *peer, const struct message_##name *message);
#define SIGNAL(NAME)
#define RECORD(name, fields)
#include "lib/ipc/messages.def"
#undef MESSAGE
#undef SIGNAL
#undef RECORD

#endif
