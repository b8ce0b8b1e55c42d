/* SPDX-License-Identifier: MIT */
#include "lib/daemon/active_list.h"

#include "lib/loop/loop.h"

enum {
	PATIENCE = 60 /* seconds */
};

static bool
take_frame(const struct frame *frame, active_list_take *take, void *owner)
{
	struct message_active_list list;
	struct message_active_message message;

	if (!message_get_active_list(frame->payload, &list))
		return false;
	while (message_take_active_message(&list.list, &message))
		if (!take(owner, &message))
			return false;
	return true;
}

bool
active_list_read(struct conversation *conversation, active_list_take *take,
    void *owner, struct error *error)
{
	int64_t deadline = loop_deadline(PATIENCE);
	struct frame frame = {.flags = 0};

	conversation_send(conversation, MESSAGE_LIST_ACTIVE, 0, SPAN_EMPTY);
	while ((frame.flags & FRAME_LAST) == 0) {
		if (!conversation_expect(conversation, MESSAGE_ACTIVE_LIST,
			deadline, &frame, error))
			return false;
		if (!take_frame(&frame, take, owner))
			return error_set(
			    error, ERROR_INVALID, "unreadable list");
	}
	return true;
}
