/* SPDX-License-Identifier: MIT */
#include "lib/daemon/outcasts.h"

#include "lib/base/memory.h"
#include "lib/daemon/state.h"

/* The process has one list, as it came; empty at first. */
static char *outcasts;
static size_t outcasts_len;

void
outcasts_take(struct frame *frame)
{
	struct message_clients clients;

	must(message_get_clients(frame->payload, &clients));
	free(outcasts);
	outcasts = memory_copy(clients.list);
	outcasts_len = clients.list.len;
}

bool
outcasts_has(const struct address *client)
{
	struct span list = span_of(outcasts, outcasts_len);
	char text[ADDRESS_TEXT_SIZE];
	struct message_client record;

	if (list.len == 0 || !address_is_ip(client))
		return false;
	address_format_ip(client, text);
	while (message_take_client(&list, &record))
		if (span_equal(record.address, span_text(text)))
			return true;
	return false;
}

void
outcasts_hand_over(int fd)
{
	channel_send(daemon_state.control,
	    &(struct frame){
		.type = MESSAGE_HAND_OVER, .payload = SPAN_EMPTY, .fd = fd});
}
