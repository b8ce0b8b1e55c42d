/* SPDX-License-Identifier: MIT */
/* The queue as a stream of attributes, which is what Postfix's showq socket
 * speaks: each attribute is its name, NUL, its value, NUL; an empty name ends a
 * list. First a list with the protocol's name, then one list per message, then
 * an empty one.
 *
 * Serves showq, and postqueue when the mail system is down. */
#ifndef SHOWQ_LISTING_H
#define SHOWQ_LISTING_H

#include "lib/base/buf.h"
#include "lib/base/error.h"
#include "lib/base/hash.h"
#include "lib/queue/store.h"

struct listing {
	struct store *store;
	const struct hash *active; /* queue id -> struct locator; may be NULL */
	const char *empty_address_recipient; /* stands for the null sender */
	/* Takes the stream piece by piece; false ends the listing. */
	bool (*take)(void *owner, struct span bytes, struct error *error);
	void *owner;
};

/* Lists all messages: first the active ones, then incoming, deferred and held
 * ones. Reads files in offload jobs when called in a coroutine. A message that
 * cannot be read, or goes away meanwhile, is left out. */
bool listing_run(const struct listing *listing, struct error *error) MUST_USE;

/* One attribute, and the end of a list; false when the buffer is full. */
bool listing_append(struct buf *out, const char *name, struct span value);
bool listing_append_end(struct buf *out);

#endif
