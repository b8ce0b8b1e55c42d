/* SPDX-License-Identifier: MIT */
#include "smtpd/keyd/tickets.h"

#include "lib/tls/ticket.h"

#include "smtpd/keyd/params.h"
#include "smtpd/keyd/vault.h"

enum {
	KEPT = 2,
	LIST_MAXIMUM = 1024 /* bytes */
};

static struct {
	struct ticket_keys *keys; /* in the vault */
	int64_t due;
	uint64_t edition;
} state;

void
tickets_refresh(int64_t now)
{
	if (state.keys == NULL)
		state.keys = vault_alloc(sizeof *state.keys);
	if (state.edition > 0 && now < state.due)
		return;
	ticket_rotate(state.keys, KEPT);
	state.edition++;
	state.due = now + keyd_params.keyd_ticket_key_lifetime * 1000;
}

int64_t
tickets_due(void)
{
	return state.due;
}

uint64_t
tickets_edition(void)
{
	return state.edition;
}

void
tickets_send(struct conversation *conversation)
{
	struct message_ticket_keys message;
	struct buf list;

	buf_init(&list, LIST_MAXIMUM);
	for (size_t i = 0; i < state.keys->count; i++) {
		const struct ticket_key *key = &state.keys->keys[i];
		struct message_ticket_key record = {
		    .name = span_of(key->name, sizeof key->name),
		    .aes = span_of(key->aes, sizeof key->aes),
		    .hmac = span_of(key->hmac, sizeof key->hmac),
		};

		must(message_put_ticket_key(&list, &record));
	}
	message.list = buf_span(&list);
	conversation_send_ticket_keys(conversation, &message);
	explicit_bzero(list.at, list.len);
	buf_finish(&list);
}
