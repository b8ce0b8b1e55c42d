/* SPDX-License-Identifier: MIT */
/* What postsuper does to messages: by word to the running qmgr, or by its own
 * hand on the files while the mail system is down. Everything runs in a
 * coroutine. */
#ifndef POSTSUPER_ORDER_H
#define POSTSUPER_ORDER_H

#include "qmgr/reach/reach.h"

struct order {
	enum queue_operation operation;
	uint32_t queues; /* enum queue_set: in which it may be */
};

/* True when it was done, also when there was nothing to do; *changed tells the
 * two apart. ERROR_NOT_FOUND when there is no such message there. After a stop
 * moves and removals are durable once order_end was called. */
bool order_give(struct reach *reach, const struct queue_id *id,
    const struct order *order, bool *changed, struct error *error) MUST_USE;
bool order_end(struct reach *reach, struct error *error) MUST_USE;

/* Calls act(owner, id) for every message that the order may concern, in several
 * coroutines at a time. */
bool order_for_all(struct reach *reach, const struct order *order,
    void (*act)(void *owner, const struct queue_id *id), void *owner,
    struct error *error) MUST_USE;

#endif
