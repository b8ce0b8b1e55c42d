/* SPDX-License-Identifier: MIT */
/* Routes and values, for those who cannot open the tables. */
#ifndef CLEANUP_LOOKUP_ANSWERS_H
#define CLEANUP_LOOKUP_ANSWERS_H

#include "lib/ipc/peer.h"

/* ROUTE -> ROUTES */
void answers_serve_route(
    struct conversation *conversation, struct frame *first);
/* LOOKUP -> VALUE */
void answers_serve_lookup(
    struct conversation *conversation, struct frame *first);

#endif
