/* SPDX-License-Identifier: MIT */
/* Connections to the other services of the suite. A process asks master for a
 * service by name; master checks the edge and passes a connected descriptor:
 * once per connection, never per message. A peer that died is a temporary error
 * for the transaction in hand, and is asked for again with back-off by the next
 * one. There is one switchboard a process. */
#ifndef IPC_SWITCHBOARD_H
#define IPC_SWITCHBOARD_H

#include "lib/ipc/channel.h"
#include "lib/ipc/peer.h"

/* `control` leads to master; it and the identity must outlive all use. */
void switchboard_open(
    struct channel *control, const struct peer_identity *identity);

/* What the other side may open on connections to `service` that we dial; call
 * it before the first use of that service. `settings` is copied. */
void switchboard_set(const char *service, const struct peer_settings *settings);

/* The connection to `service`, dialled first if there is none; NULL when that
 * fails or the deadline passes. Runs in a coroutine. It is valid until the
 * caller next waits; a conversation opened on it keeps it. */
struct peer *switchboard_peer(
    const char *service, int64_t deadline, struct error *error) MUST_USE;

/* A conversation with `service`; NULL as switchboard_peer. */
struct conversation *switchboard_converse(
    const char *service, int64_t deadline, struct error *error) MUST_USE;

/* Master's answer to NEED; `fd` is taken. */
void switchboard_given(const struct message_given *given, int fd);

#endif
