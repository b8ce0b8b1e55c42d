/* SPDX-License-Identifier: MIT */
/* The unit of exchange between processes: a 12-byte header and up to 64 KB of
 * payload on a UNIX stream socket, with a descriptor if the flag says so. */
#ifndef IPC_FRAME_H
#define IPC_FRAME_H

#include "lib/base/span.h"

enum {
	FRAME_HEADER_SIZE = 12,
	FRAME_PAYLOAD_MAXIMUM = 65536
};

enum frame_flag {
	FRAME_HAS_FD = 1,
	FRAME_LAST = 2 /* of a run of frames that belong together */
};

/* Slot 0 carries notices that belong to no conversation. */
struct frame {
	uint32_t slot;
	uint16_t type;  /* enum message_type */
	uint16_t flags; /* enum frame_flag */
	struct span payload;
	int fd; /* -1: none; else the receiver's, who closes it */
};

void frame_put_header(
    const struct frame *frame, char header[FRAME_HEADER_SIZE]);
/* The payload's length from a header, the other fields into *frame; false when
 * the length is above the maximum. */
bool frame_get_header(const char header[FRAME_HEADER_SIZE], struct frame *frame,
    size_t *payload_len) MUST_USE;

#endif
