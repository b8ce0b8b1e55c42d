/* SPDX-License-Identifier: MIT */
/* Orders of the administrator about messages, by postsuper at the control
 * socket and by postqueue through showq, and the question what is active. */
#ifndef QMGR_OPERATION_H
#define QMGR_OPERATION_H

#include "lib/ipc/peer.h"

/* Handlers of QUEUE_OPERATION, for the control socket and for showq (which may
 * only flush), of FLUSH_SITE and of LIST_ACTIVE. */
void operation_serve(struct conversation *conversation, struct frame *first);
void operation_serve_flush(
    struct conversation *conversation, struct frame *first);
void operation_flush_site(
    struct conversation *conversation, struct frame *first);
void operation_list_active(
    struct conversation *conversation, struct frame *first);

#endif
