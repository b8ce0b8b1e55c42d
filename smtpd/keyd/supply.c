/* SPDX-License-Identifier: MIT */
#include "smtpd/keyd/supply.h"

#include "lib/base/io.h"
#include "lib/base/list.h"
#include "lib/base/memory.h"
#include "lib/ipc/messages.h"
#include "lib/log/log.h"

#include "smtpd/keyd/keyring.h"

/* A file that waits for the start. */
struct parcel {
	struct list node;
	uint32_t number;
	uint32_t side;
	char *path;
	int fd;
};

static struct list waiting = {&waiting, &waiting};
static bool is_open;

static void
read_file(struct parcel *parcel)
{
	struct error error;
	size_t count;

	if (keyring_add(
		parcel->number, parcel->side, parcel->fd, &count, &error))
		log_info(NULL, "keys in %s: %zu", parcel->path, count);
	else
		log_error(NULL, "%s: %s", parcel->path, error.text);
	io_close(&parcel->fd);
	free(parcel->path);
	free(parcel);
}

static void
take_key(struct frame *frame)
{
	struct parcel *parcel = memory_zero(sizeof *parcel);
	struct message_key key;

	must(message_get_key(frame->payload, &key) && frame->fd >= 0);
	parcel->number = key.number;
	parcel->side = key.side;
	parcel->path = memory_copy(key.path);
	parcel->fd = frame->fd;
	frame->fd = -1;
	if (is_open)
		read_file(parcel);
	else
		list_add_last(&waiting, &parcel->node);
}

static void
take_forget(struct frame *frame)
{
	struct message_key_forget forget;

	must(message_get_key_forget(frame->payload, &forget));
	keyring_forget(forget.number);
	log_info(NULL, "keys kept: %zu", keyring_count());
}

void
supply_take(struct frame *frame)
{
	if (frame->type == MESSAGE_KEY) {
		take_key(frame);
		return;
	}
	must(frame->type == MESSAGE_KEY_FORGET);
	take_forget(frame);
}

void
supply_open(void)
{
	is_open = true;
	list_foreach_safe (node, &waiting) {
		list_remove(node);
		read_file(list_element(node, struct parcel, node));
	}
}
