/* SPDX-License-Identifier: MIT */
/* A conversation in which a client of cleanup hands one message in: BEGIN to
 * the REPLY that says durable. */
#ifndef CLEANUP_ACCEPTANCE_H
#define CLEANUP_ACCEPTANCE_H

#include "lib/ipc/peer.h"

/* Serves BEGIN. */
void acceptance_serve(struct conversation *conversation, struct frame *first);

#endif
