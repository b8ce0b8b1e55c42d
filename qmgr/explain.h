/* SPDX-License-Identifier: MIT */
/* Tells an administrator what keeps a message: where it is for qmgr, and for
 * some of its recipients the transport, the destination and what holds them
 * there. Changes nothing. */
#ifndef QMGR_EXPLAIN_H
#define QMGR_EXPLAIN_H

#include "lib/ipc/peer.h"

/* The handler of EXPLAIN. */
void explain_serve(struct conversation *conversation, struct frame *first);

#endif
