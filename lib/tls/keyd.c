/* SPDX-License-Identifier: MIT */
#include "lib/tls/keyd.h"

#include <openssl/crypto.h>

#include "lib/ipc/switchboard.h"
#include "lib/loop/loop.h"
#include "lib/tls/ticket.h"

enum {
	PATIENCE = 15, /* seconds for a signature */
	PAUSE = 1,     /* before keyd is asked for tickets again */
	CONTENT_MAXIMUM = FRAME_PAYLOAD_MAXIMUM - 256 /* of one frame */
};

static bool
take_signature(const struct message_signature *answer, struct buf *signature,
    struct error *error)
{
	static const enum error_kind kinds[] = {
	    [SIGN_NO_KEY] = ERROR_NOT_FOUND,
	    [SIGN_REFUSED] = ERROR_INVALID,
	    [SIGN_FAILED] = ERROR_SYSTEM,
	};

	if (answer->result == SIGN_MADE)
		return buf_append_span(signature, answer->signature) ||
		    error_set(error, ERROR_LIMIT,
			"keyd: a signature of %zu bytes",
			answer->signature.len);
	return error_set(error,
	    answer->result < COUNT_OF(kinds) ? kinds[answer->result]
					     : ERROR_INVALID,
	    "keyd: %.*s", SPAN_ARGS(answer->text));
}

/* False when keyd went away; *answer then means nothing. */
static bool
ask_once(const struct message_sign *request, int64_t deadline,
    struct frame *frame, struct conversation **conversation,
    struct error *error)
{
	*conversation = switchboard_converse("keyd", deadline, error);
	if (*conversation == NULL)
		return false;
	conversation_send_sign(*conversation, request);
	if (conversation_expect(
		*conversation, MESSAGE_SIGNATURE, deadline, frame, error))
		return true;
	conversation_close(*conversation);
	return false;
}

bool
keyd_sign(const struct message_sign *request, struct buf *signature,
    struct error *error)
{
	int64_t deadline = loop_deadline(PATIENCE);
	struct message_signature answer;
	struct conversation *conversation;
	struct frame frame;
	bool made;

	if (request->content.len > CONTENT_MAXIMUM)
		return error_set(error, ERROR_LIMIT,
		    "a handshake of %zu bytes cannot be signed",
		    request->content.len);
	while (!ask_once(request, deadline, &frame, &conversation, error))
		if (error->kind != ERROR_CLOSED || loop_now() >= deadline)
			return error_prefix(error, "keyd");
	made = message_get_signature(frame.payload, &answer)
	    ? take_signature(&answer, signature, error)
	    : error_set(error, ERROR_INVALID, "keyd: a broken answer");
	conversation_close(conversation);
	return made;
}

/* ---- tickets ---- */

static bool
take_key(const struct message_ticket_key *record, struct ticket_key *key)
{
	if (record->name.len != sizeof key->name ||
	    record->aes.len != sizeof key->aes ||
	    record->hmac.len != sizeof key->hmac)
		return false;
	memcpy(key->name, record->name.at, sizeof key->name);
	memcpy(key->aes, record->aes.at, sizeof key->aes);
	memcpy(key->hmac, record->hmac.at, sizeof key->hmac);
	return true;
}

static bool
take_keys(const struct frame *frame)
{
	struct message_ticket_keys message;
	struct message_ticket_key record;
	struct ticket_keys keys = {.count = 0};
	bool taken;

	if (!message_get_ticket_keys(frame->payload, &message))
		return false;
	while (keys.count < TICKET_KEYS_MAXIMUM &&
	    message_take_ticket_key(&message.list, &record) &&
	    take_key(&record, &keys.keys[keys.count]))
		keys.count++;
	taken = message.list.len == 0;
	if (taken)
		ticket_set(&keys);
	OPENSSL_cleanse(&keys, sizeof keys);
	return taken;
}

/* As long as this keyd lives. */
static void
follow(struct conversation *conversation)
{
	struct frame frame;

	conversation_send(conversation, MESSAGE_FOLLOW_TICKETS, 0, SPAN_EMPTY);
	while (conversation_expect(conversation, MESSAGE_TICKET_KEYS,
		   LOOP_NO_DEADLINE, &frame, NULL) &&
	    take_keys(&frame))
		;
}

static void
follow_all(void *argument UNUSED)
{
	for (;;) {
		struct conversation *conversation =
		    switchboard_converse("keyd", LOOP_NO_DEADLINE, NULL);

		if (conversation != NULL)
			follow(conversation);
		conversation_close(conversation);
		loop_sleep_until(loop_deadline(PAUSE));
	}
}

void
keyd_follow_tickets(void)
{
	loop_spawn(follow_all, NULL);
}
