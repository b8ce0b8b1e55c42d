/* SPDX-License-Identifier: MIT */
/* One delivery for local or virtual, passed on to a child. */
#ifndef LOCAL_LAUNCHER_LAUNCH_H
#define LOCAL_LAUNCHER_LAUNCH_H

#include "lib/ipc/peer.h"

/* LAUNCH, CONTENT... -> REPLY */
void launch_serve(struct conversation *conversation, struct frame *first);

#endif
