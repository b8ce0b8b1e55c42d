/* SPDX-License-Identifier: MIT */
/* Clients that were connected to processes when these crashed: master says
 * which (CLIENTS). A worker that accepts one hands the descriptor to master,
 * which gives it to a process of its own. Private to lib/daemon. */
#ifndef DAEMON_OUTCASTS_H
#define DAEMON_OUTCASTS_H

#include "lib/ipc/frame.h"
#include "lib/net/address.h"

/* The list as it is from now on. */
void outcasts_take(struct frame *frame);
bool outcasts_has(const struct address *client);
/* Takes the descriptor. */
void outcasts_hand_over(int fd);

#endif
