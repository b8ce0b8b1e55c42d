/* SPDX-License-Identifier: MIT */
/* Copies between standard input and output and a socket (sendmail -bs). */
#ifndef PICKUP_SENDMAIL_RELAY_H
#define PICKUP_SENDMAIL_RELAY_H

#include "lib/base/error.h"

/* Until the other side of `fd` closes. Both directions at once, neither waits
 * for the other. */
bool relay_run(int fd, struct error *error) MUST_USE;

#endif
