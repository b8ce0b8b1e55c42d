/* SPDX-License-Identifier: MIT */
#include "local/mailbox/passage.h"

#include "lib/base/memory.h"

enum {
	PIECE_SIZE = 65536
};

bool
passage_send(struct conversation *conversation, const struct delivery *delivery,
    struct span headers, int64_t deadline, struct error *error)
{
	uint64_t size = delivery_size(delivery);
	char *piece = memory_alloc(PIECE_SIZE);
	uint64_t position = 0;
	bool sent = conversation_send_content(
	    conversation, headers, size == 0, deadline, error);

	while (sent && position < size) {
		size_t len = size - position < PIECE_SIZE
		    ? (size_t)(size - position)
		    : PIECE_SIZE;

		sent = delivery_read(delivery, position, piece, len, error) &&
		    conversation_send_content(conversation, span_of(piece, len),
			position + len == size, deadline, error);
		position += len;
	}
	free(piece);
	return sent;
}
