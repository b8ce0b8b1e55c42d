/* SPDX-License-Identifier: MIT */
/* Makes a Message-ID for mail that came without one. */
#ifndef MAIL_MESSAGE_ID_H
#define MAIL_MESSAGE_ID_H

#include "lib/base/buf.h"

/* Appends "<20261122110009.QUEUEID@host>"; `wall` in microseconds since 1970,
 * shown as UTC. False when the buffer is at its maximum. */
bool message_id_append(
    struct buf *out, int64_t wall, struct span queue_id, struct span host);

#endif
