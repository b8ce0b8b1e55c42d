/* SPDX-License-Identifier: MIT */
/* Asks qmgr which messages are active: being delivered, or waiting for it in
 * its memory. */
#ifndef DAEMON_ACTIVE_LIST_H
#define DAEMON_ACTIVE_LIST_H

#include "lib/ipc/conversation.h"
#include "lib/ipc/messages.h"

/* False when the message makes no sense. */
typedef bool active_list_take(
    void *owner, const struct message_active_message *message);

/* Gives each of them to take(); the conversation is the caller's and new. False
 * when the answer has not come to its end. */
bool active_list_read(struct conversation *conversation, active_list_take *take,
    void *owner, struct error *error) MUST_USE;

#endif
