/* SPDX-License-Identifier: MIT */
/* What postsuper does to messages: by word to the running qmgr, or by its own
 * hand on the files while the mail system is down. Everything runs in a
 * coroutine. */
#ifndef POSTSUPER_ORDER_H
#define POSTSUPER_ORDER_H

#include "lib/daemon/instance.h"
#include "lib/queue/store.h"

struct order {
	const struct instance *instance;
	struct store *store;
	struct peer *qmgr; /* NULL: the mail system is down */
	int lock_fd;       /* then */
};

/* False when the queue cannot be reached, or somebody else works on it. */
bool order_open(struct order *order, const struct instance *instance,
    struct error *error) MUST_USE;
void order_close(struct order *order);

/* True when it was done, also when there was nothing to do; *changed tells the
 * two apart. */
bool order_give(struct order *order, const struct queue_id *id,
    enum queue_operation operation, bool *changed,
    struct error *error) MUST_USE;

/* Calls act(owner, id) for every message that the operation may concern. */
bool order_for_all(struct order *order, enum queue_operation operation,
    void (*act)(void *owner, const struct queue_id *id), void *owner,
    struct error *error) MUST_USE;

#endif
