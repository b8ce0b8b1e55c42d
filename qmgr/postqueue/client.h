/* SPDX-License-Identifier: MIT */
/* What postqueue asks of the running showq, or does itself when the mail system
 * is down. Everything runs in a coroutine. */
#ifndef POSTQUEUE_CLIENT_H
#define POSTQUEUE_CLIENT_H

#include "lib/daemon/instance.h"

/* Takes the listing (qmgr/showq/listing.h) piece by piece. */
typedef bool client_take(void *owner, struct span bytes, struct error *error);

/* False with ERROR_NOT_FOUND when nobody serves the socket. */
bool client_list(const struct instance *instance, client_take *take,
    void *owner, struct error *error) MUST_USE;

/* The listing without help, for those whom reach.h allows that. */
bool client_list_directly(const struct instance *instance, client_take *take,
    void *owner, struct error *error) MUST_USE;

/* Has the queue run: `command` is a line for showq's flush socket. As
 * client_list; ERROR_TEMPORARY: not now; ERROR_INVALID: not allowed. */
bool client_flush(const struct instance *instance, const char *command,
    struct error *error) MUST_USE;

#endif
