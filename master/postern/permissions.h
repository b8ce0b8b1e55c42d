/* SPDX-License-Identifier: MIT */
/* `postern set-permissions`: users, owners and modes of an installation. */
#ifndef MASTER_POSTERN_PERMISSIONS_H
#define MASTER_POSTERN_PERMISSIONS_H

#include "lib/daemon/instance.h"

/* Creates the users of the process table that do not exist, with useradd(8). */
bool permissions_create_users(
    const struct instance *instance, struct error *error) MUST_USE;

/* Makes all directories and gives them their owners and modes. */
bool permissions_set(
    const struct instance *instance, struct error *error) MUST_USE;

#endif
