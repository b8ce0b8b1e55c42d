/* SPDX-License-Identifier: MIT */
#include "qmgr/told.h"

#include "lib/base/hash.h"
#include "lib/log/log.h"

enum {
	TOLD_MAXIMUM = 100000 /* recipients; bounce remembers fewer */
};

static struct hash *told;

struct key {
	struct queue_id id;
	uint32_t kind;
	uint32_t recipient;
};

void
told_open(void)
{
	told = hash_create();
}

static struct span
span_of_key(const struct key *key)
{
	return span_of(key, sizeof *key);
}

void
told_take(struct peer *peer, struct frame *frame)
{
	struct message_told message;
	struct message_told_recipient recipient;
	struct key key;

	if (!message_get_told(frame->payload, &message) ||
	    !id_parse(message.queue_id, &key.id)) {
		log_warning(NULL, "%s sent a wrong TOLD", peer_name(peer));
		return;
	}
	key.kind = message.kind;
	while (hash_count(told) < TOLD_MAXIMUM &&
	    message_take_told_recipient(&message.list, &recipient)) {
		key.recipient = recipient.number;
		hash_put(told, span_of_key(&key), told);
	}
}

bool
told_has(const struct queue_id *id, enum notice_kind kind, uint32_t recipient)
{
	struct key key = {.id = *id, .kind = kind, .recipient = recipient};

	return hash_get(told, span_of_key(&key)) != NULL;
}
