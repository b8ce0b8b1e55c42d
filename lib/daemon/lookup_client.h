/* SPDX-License-Identifier: MIT */
/* Questions to the lookup service, for daemons with that edge. Each waits for
 * the answer, whose texts live in `pool`; a service that gives none in time is
 * LOOKUP_TRY_AGAIN, and *error has the words. In a coroutine. */
#ifndef DAEMON_LOOKUP_CLIENT_H
#define DAEMON_LOOKUP_CLIENT_H

#include "lib/base/error.h"
#include "lib/base/pool.h"
#include "lib/ipc/messages.h"

/* What the tables that the parameter `tables` names have for `key`. */
enum lookup_result_code lookup_client_value(struct pool *pool,
    const char *tables, struct span key, struct span *value,
    struct error *error) MUST_USE;

/* A local user by name, or by uid when the name is empty. */
enum lookup_result_code lookup_client_user(struct pool *pool,
    const struct message_lookup_user *question, struct message_user *user,
    struct error *error) MUST_USE;

/* Where mail for `address` goes. */
enum lookup_result_code lookup_client_route(struct pool *pool,
    struct span address, struct message_route_found *found,
    struct error *error) MUST_USE;

#endif
