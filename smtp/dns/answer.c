/* SPDX-License-Identifier: MIT */
#include "smtp/dns/answer.h"

#include "lib/base/memory.h"
#include "lib/loop/loop.h"

enum {
	MILLISECONDS = 1000 /* in a second */
};

static struct span
keep(struct answer *answer, size_t *used, struct span text)
{
	char *at = answer->bytes + *used;

	if (text.len > 0)
		memcpy(at, text.at, text.len);
	*used += text.len;
	return span_of(at, text.len);
}

static size_t
text_size(const struct message_dns_answer *message)
{
	return message->name.len + message->list.len + message->text.len;
}

struct answer *
answer_create(const struct message_dns_answer *message)
{
	struct answer *answer =
	    memory_alloc(sizeof *answer + text_size(message));
	size_t used = 0;

	answer->references = 1;
	answer->expires = loop_now() + (int64_t)message->ttl * MILLISECONDS;
	answer->message = *message;
	answer->message.name = keep(answer, &used, message->name);
	answer->message.list = keep(answer, &used, message->list);
	answer->message.text = keep(answer, &used, message->text);
	return answer;
}

struct answer *
answer_hold(struct answer *answer)
{
	answer->references++;
	return answer;
}

void
answer_release(struct answer *answer)
{
	if (--answer->references == 0)
		free(answer);
}

size_t
answer_size(const struct answer *answer)
{
	return sizeof *answer + text_size(&answer->message);
}

void
answer_send(const struct answer *answer, struct conversation *conversation)
{
	struct message_dns_answer message = answer->message;
	int64_t left = (answer->expires - loop_now()) / MILLISECONDS;

	message.ttl = left > 0 ? (uint32_t)left : 0;
	conversation_send_dns_answer(conversation, &message);
}
