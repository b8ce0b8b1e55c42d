/* SPDX-License-Identifier: MIT */
/* A message that is queued anew is in the queue twice for a moment, and of the
 * two one may be delivered, whoever dies in between. The old one's journal
 * names its successor before that is durable; the successor's attribute
 * `replaces` names the old one. As long as the file of a successor is there the
 * old one is left alone; the successor is delivered when the old one has been
 * removed.
 *
 * Both have to agree: what a peer writes into a new message alone removes
 * nothing. These functions block, as those of store.h. */
#ifndef QUEUE_REPLACEMENT_H
#define QUEUE_REPLACEMENT_H

#include "lib/queue/store.h"

/* The successor of `old` is there: it will be delivered and this one removed.
 * It may also be unfinished, and vanish again. */
bool replacement_is_superseded(struct store *store, const struct stored *old);

/* Removes the message that `successor`, which is complete, replaces, if there
 * is one. False: it may still be there, and the successor has to wait. */
bool replacement_end(struct store *store, const struct stored *successor,
    struct error *error) MUST_USE;

#endif
