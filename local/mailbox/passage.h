/* SPDX-License-Identifier: MIT */
/* Sends the message of a delivery on, with headers of ours before it. */
#ifndef LOCAL_MAILBOX_PASSAGE_H
#define LOCAL_MAILBOX_PASSAGE_H

#include "lib/daemon/delivery.h"
#include "lib/ipc/peer.h"

/* As CONTENT, the last frame marked. False: the other side has ended the
 * conversation (ERROR_CLOSED), or the message cannot be read. */
bool passage_send(struct conversation *conversation,
    const struct delivery *delivery, struct span headers, int64_t deadline,
    struct error *error) MUST_USE;

#endif
