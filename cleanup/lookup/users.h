/* SPDX-License-Identifier: MIT */
/* The local users, for those who cannot ask the system. */
#ifndef CLEANUP_LOOKUP_USERS_H
#define CLEANUP_LOOKUP_USERS_H

#include "lib/ipc/peer.h"

/* LOOKUP_USER -> USER */
void users_serve(struct conversation *conversation, struct frame *first);

#endif
