/* SPDX-License-Identifier: MIT */
/* Asks qmgr which messages are active: being delivered, or waiting for it in
 * its memory. */
#ifndef DAEMON_ACTIVE_LIST_H
#define DAEMON_ACTIVE_LIST_H

#include "lib/base/hash.h"
#include "lib/ipc/conversation.h"

/* Adds the ids to *active, each with a value that is not NULL; the conversation
 * is the caller's and new. False when the answer has not come to its end. */
bool active_list_read(struct conversation *conversation, struct hash *active,
    struct error *error) MUST_USE;

#endif
