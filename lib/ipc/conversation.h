/* SPDX-License-Identifier: MIT */
/* One conversation on a connection: frames in one slot, in both directions, for
 * straight-line code in a coroutine. Who opens one (conversation_open) or
 * serves one (struct peer_handler) closes its end once; see peer.h. */
#ifndef IPC_CONVERSATION_H
#define IPC_CONVERSATION_H

#include "lib/base/error.h"
#include "lib/ipc/frame.h"
#include "lib/ipc/messages.h"

struct peer;
struct conversation;

/* A new conversation, or NULL when the peer is gone or all 65,535 slots are
 * taken. Nothing is sent yet. */
struct conversation *conversation_open(
    struct peer *peer, struct error *error) MUST_USE;
/* Ends this side. NULL is allowed. */
void conversation_close(struct conversation *conversation);

struct peer *conversation_peer(const struct conversation *conversation);

/* Queues a frame; never waits. Lost when the peer is gone, which the next
 * receive tells. `fd` (-1: none) is taken. */
void conversation_send(struct conversation *conversation,
    enum message_type type, uint16_t flags, struct span payload);
void conversation_send_fd(struct conversation *conversation,
    enum message_type type, struct span payload, int fd);

/* Sends content of any length in CONTENT frames, the last of them with
 * FRAME_LAST if `last`; waits for credit. False when the peer is gone or the
 * deadline passed. */
bool conversation_send_content(struct conversation *conversation,
    struct span content, bool last, int64_t deadline,
    struct error *error) MUST_USE;

/* The next frame, valid until the next receive or close; its descriptor is the
 * caller's. ERROR_CLOSED or ERROR_TIMEOUT. */
bool conversation_receive(struct conversation *conversation, int64_t deadline,
    struct frame *frame, struct error *error) MUST_USE;
/* As receive; a frame of another type is ERROR_INVALID. */
bool conversation_expect(struct conversation *conversation,
    enum message_type type, int64_t deadline, struct frame *frame,
    struct error *error) MUST_USE;
/* True when a receive would not wait. */
bool conversation_has_frame(const struct conversation *conversation);

/* conversation_send_begin(conversation, &begin) and so on, for every MESSAGE. A
 * message that does not fit into a frame is a bug of the sender, who bounds
 * what it puts in. */
#define MESSAGE(NAME, name, fields)                                      \
	void conversation_send_##name(struct conversation *conversation, \
	    const struct message_##name *message);
#define SIGNAL(NAME)
#define RECORD(name, fields)
#include "lib/ipc/messages.def"
#undef MESSAGE
#undef SIGNAL
#undef RECORD

#endif
