/* SPDX-License-Identifier: MIT */
/* What sendmail leaves to the other commands of the suite. */
#ifndef PICKUP_SENDMAIL_HAND_ON_H
#define PICKUP_SENDMAIL_HAND_ON_H

#include "lib/daemon/instance.h"

#include "pickup/sendmail/arguments.h"

/* Becomes the command that does what `arguments->mode` asks for; returns only
 * when that fails. */
void hand_on_run(const struct instance *instance,
    const struct arguments *arguments, struct error *error);

#endif
