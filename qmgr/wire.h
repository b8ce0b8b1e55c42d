/* SPDX-License-Identifier: MIT */
/* What a message looks like in the frames that agents get. */
#ifndef QMGR_WIRE_H
#define QMGR_WIRE_H

#include "lib/ipc/peer.h"
#include "lib/queue/stored.h"

#include "qmgr/message.h"
#include "qmgr/report.h"

/* enum message_ret */
uint32_t wire_ret(const struct stored *stored);
/* enum content_flag */
uint32_t wire_content_flags(const struct part *part);

/* Where the content is, as DELIVER and NOTIFY say it: in the file when there is
 * a descriptor for it, else in CONTENT frames, one part behind the other. */
struct wire_content {
	uint64_t header_offset;
	uint64_t body_offset;
	int fd; /* -1: content travels in frames */
};

struct disk_reading;

/* The descriptor is the caller's, to be sent. */
struct wire_content wire_content(const struct disk_reading *reading);
/* Sends the content in frames when `content` has no descriptor. */
bool wire_send_content(struct conversation *conversation,
    const struct wire_content *content, const struct disk_reading *reading,
    struct error *error) MUST_USE;

/* enum message_flag_bit */
uint32_t wire_message_flags(const struct stored *stored);

/* A list in as many frames as it needs, the last one marked. On the caller's
 * stack; wire_list_end sends what is left. */
struct wire_list {
	struct conversation *conversation;
	enum message_type type;
	struct buf list;
};

typedef bool wire_list_put(struct buf *out, const void *record);

void wire_list_begin(struct wire_list *list, struct conversation *conversation,
    enum message_type type);
/* A record longer than a frame is a bug. */
void wire_list_add(
    struct wire_list *list, wire_list_put *put, const void *record);
void wire_list_end(struct wire_list *list);

#endif
