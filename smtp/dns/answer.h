/* SPDX-License-Identifier: MIT */
/* What is known about one question, until it expires. Shared by the cache and
 * by those who wait for it: whoever holds one releases it. */
#ifndef SMTP_DNS_ANSWER_H
#define SMTP_DNS_ANSWER_H

#include "lib/ipc/peer.h"

struct answer {
	unsigned references;
	int64_t expires; /* loop_now() from which it is no longer true */
	struct message_dns_answer message; /* its texts follow the struct */
	char bytes[];
};

/* A copy of `message` that holds for its ttl; the caller holds it. */
struct answer *answer_create(const struct message_dns_answer *message)
    __attribute__((returns_nonnull));
struct answer *answer_hold(struct answer *answer);
void answer_release(struct answer *answer);

/* Bytes of memory. */
size_t answer_size(const struct answer *answer);

/* Tells the asker, with the seconds that are left of the ttl. */
void answer_send(
    const struct answer *answer, struct conversation *conversation);

#endif
