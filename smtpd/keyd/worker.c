/* SPDX-License-Identifier: MIT */
#include "smtpd/keyd/worker.h"

#include "lib/base/memory.h"
#include "lib/log/log.h"
#include "lib/loop/loop.h"

#include "smtpd/keyd/allowance.h"
#include "smtpd/keyd/params.h"
#include "smtpd/keyd/request.h"
#include "smtpd/keyd/tickets.h"

enum {
	SIGNATURE_MAXIMUM = 2048, /* bytes: RSA of 16384 bits */
	COMPLAINTS_MAXIMUM = 10   /* lines of log for one worker */
};

struct worker {
	struct allowance allowance;
	uint64_t made;
	uint64_t refused; /* or without a key, or failed */
};

static struct worker *
worker_of(struct peer *peer)
{
	if (peer_owner(peer) == NULL)
		peer_set_owner(peer, memory_zero(sizeof(struct worker)));
	return peer_owner(peer);
}

static void
count(struct worker *worker, const struct peer *peer, enum sign_result result,
    const struct error *error)
{
	if (result == SIGN_MADE)
		worker->made++;
	else if (++worker->refused <= COMPLAINTS_MAXIMUM)
		log_warning(NULL, "no signature for %s: %s", peer_name(peer),
		    error->text);
}

static void
answer(struct conversation *conversation, struct worker *worker,
    const struct message_sign *request)
{
	struct message_signature message;
	struct error error = {.text = ""};
	struct buf signature;
	enum sign_result result;

	buf_init(&signature, SIGNATURE_MAXIMUM);
	result = request_answer(request, &signature, &error);
	count(worker, conversation_peer(conversation), result, &error);
	message = (struct message_signature){
	    .result = result,
	    .signature = buf_span(&signature),
	    .text = span_text(error.text),
	};
	conversation_send_signature(conversation, &message);
	buf_finish(&signature);
}

void
worker_serve_sign(struct conversation *conversation, struct frame *first)
{
	struct peer *peer = conversation_peer(conversation);
	struct message_sign request;
	int64_t due;

	if (!peer_is_open(peer))
		return;
	due = allowance_take(&worker_of(peer)->allowance,
	    keyd_params.keyd_signature_rate_limit, loop_now());
	if (due > loop_now())
		loop_sleep_until(due);
	if (!peer_is_open(peer))
		return;
	if (message_get_sign(first->payload, &request))
		answer(conversation, worker_of(peer), &request);
	else
		log_warning(NULL, "a broken request from %s", peer_name(peer));
}

void
worker_serve_tickets(
    struct conversation *conversation, struct frame *first UNUSED)
{
	struct error error = {.kind = ERROR_TIMEOUT};
	struct frame frame;
	uint64_t sent = 0;

	/* A follower says nothing more: its end is waited for. */
	while (error.kind == ERROR_TIMEOUT) {
		tickets_refresh(loop_now());
		if (sent != tickets_edition())
			tickets_send(conversation);
		sent = tickets_edition();
		if (conversation_receive(
			conversation, tickets_due(), &frame, &error))
			return;
	}
}

void
worker_closed(struct peer *peer, const struct error *error UNUSED)
{
	struct worker *worker = peer_owner(peer);

	if (worker == NULL)
		return;
	if (worker->made + worker->refused > 0)
		log_info(NULL, "%s: %llu signatures made, %llu refused",
		    peer_name(peer), (unsigned long long)worker->made,
		    (unsigned long long)worker->refused);
	peer_set_owner(peer, NULL);
	free(worker);
}
