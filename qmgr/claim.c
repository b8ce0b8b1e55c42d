/* SPDX-License-Identifier: MIT */
#include "qmgr/claim.h"

#include "lib/base/hash.h"

#include "qmgr/message.h"

static struct hash *claims;

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
	/* Any pointer will do: the key is all there is to know. */
	hash_put(claims, span_text(id->text), claims);
	return true;
}

void
claim_give(const struct queue_id *id)
{
	must(hash_remove(claims, span_text(id->text)) != NULL);
}
