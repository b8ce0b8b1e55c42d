/* SPDX-License-Identifier: MIT */
#include "qmgr/claim.h"

#include "lib/base/hash.h"

#include "qmgr/message.h"

static struct hash *claims;

/* What a claim may be in the table. */
static char held;
static char wanted;

void
claim_open(void)
{
	claims = hash_create();
}

bool
claim_is_possible(const struct queue_id *id)
{
	return message_find(id) == NULL &&
	    hash_get(claims, span_text(id->text)) == NULL;
}

bool
claim_take(const struct queue_id *id)
{
	if (!claim_is_possible(id))
		return false;
	hash_put(claims, span_text(id->text), &held);
	return true;
}

void
claim_want(const struct queue_id *id)
{
	if (hash_get(claims, span_text(id->text)) != NULL)
		hash_put(claims, span_text(id->text), &wanted);
}

bool
claim_give(const struct queue_id *id)
{
	const char *state = hash_remove(claims, span_text(id->text));

	must(state != NULL);
	return state == &wanted;
}
