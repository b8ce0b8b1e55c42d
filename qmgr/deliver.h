/* SPDX-License-Identifier: MIT */
/* One delivery: the request to an agent, its report, the acknowledgement. Each
 * is a coroutine with a conversation of its own. */
#ifndef QMGR_DELIVER_H
#define QMGR_DELIVER_H

#include "qmgr/agents.h"
#include "qmgr/report.h"

/* Begins as many deliveries of the transport as agents and limits allow. */
void deliver_dispatch(struct transport *transport);

/* Nothing more is begun. */
void deliver_stop(void);
/* Deliveries under way. */
size_t deliver_count(void);
/* When the delivery of this recipient that is under way began (wall clock), 0 =
 * there is none. */
int64_t deliver_find(const struct message *message, uint32_t number);

/* The event `unavailable` of agents.h. */
void deliver_unavailable(struct transport *transport);

/* Reads one frame of recipient_status into report->results, whose recipients
 * (count of them, `outcome` still DELIVERY_PENDING) are known; texts are copied
 * to `pool`. False when the frame makes no sense. *left is lowered by each. */
#define DELIVERY_PENDING ((enum delivery_outcome) - 1)
bool deliver_take_statuses(struct report *report, struct pool *pool,
    struct span list, size_t *left) MUST_USE;

/* What the report, of one recipient or more, says about the destination. */
enum schedule_outcome deliver_judge(const struct report *report);

#endif
