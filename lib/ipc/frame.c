/* SPDX-License-Identifier: MIT */
#include "lib/ipc/frame.h"

/* Both ends run on one machine: the fields are in its byte order. */
struct wire_header {
	uint32_t len;
	uint32_t slot;
	uint16_t type;
	uint16_t flags;
};

_Static_assert(
    sizeof(struct wire_header) == FRAME_HEADER_SIZE, "the header has no holes");

void
frame_put_header(const struct frame *frame, char header[FRAME_HEADER_SIZE])
{
	struct wire_header wire = {(uint32_t)frame->payload.len, frame->slot,
	    frame->type, frame->flags};

	memcpy(header, &wire, sizeof wire);
}

bool
frame_get_header(const char header[FRAME_HEADER_SIZE], struct frame *frame,
    size_t *payload_len)
{
	struct wire_header wire;

	memcpy(&wire, header, sizeof wire);
	*frame = (struct frame){
	    .slot = wire.slot,
	    .type = wire.type,
	    .flags = wire.flags,
	    .fd = -1,
	};
	*payload_len = wire.len;
	return wire.len <= FRAME_PAYLOAD_MAXIMUM;
}
