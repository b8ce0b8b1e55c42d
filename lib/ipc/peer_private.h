/* SPDX-License-Identifier: MIT */
/* What peer.c (the connection) and conversation.c (its slots) share. Private to
 * lib/ipc. */
#ifndef IPC_PEER_PRIVATE_H
#define IPC_PEER_PRIVATE_H

#include "lib/base/list.h"
#include "lib/ipc/peer.h"
#include "lib/loop/loop.h"

struct channel;
struct queued_frame;

enum {
	SLOT_MAXIMUM = 65535
};

/* Slots opened by the accepting side have this bit, so that both sides choose
 * freely. */
#define ACCEPTOR_BIT 0x80000000u

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

void peer_send_frame(struct peer *peer, uint32_t slot, enum message_type type,
    uint16_t flags, struct span payload);
/* The other side broke the protocol: ends the connection. */
void peer_refuse(struct peer *peer, const char *why, const struct frame *frame);
/* Frees a peer that is closed, released and without conversations. */
void peer_free_if_unused(struct peer *peer);

/* NULL when the slot is free. */
struct conversation *conversation_find(struct peer *peer, uint32_t slot);
struct conversation *conversation_add(struct peer *peer, uint32_t slot);
/* Frames for a conversation, as they come. The queue takes the descriptor. */
void conversation_queue(struct conversation *conversation, struct frame *frame);
void conversation_take_credit(
    struct conversation *conversation, const struct frame *frame);
void conversation_end_there(struct conversation *conversation);
/* The connection is gone: wakes all who wait, frees what only lingered. */
void conversation_end_all(struct slot_table *table);

#endif
