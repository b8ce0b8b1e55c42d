/* SPDX-License-Identifier: MIT */
/* postsuper -p and -s: looks for what is in the queue and does not belong
 * there. What is found is told on standard error, its number in the log. */
#ifndef POSTSUPER_STRUCTURE_H
#define POSTSUPER_STRUCTURE_H

#include "qmgr/reach/reach.h"

/* Puts right what it finds while the mail system is down. False when the queue
 * cannot be read. In a coroutine. */
bool structure_check(const struct reach *reach, bool structure, bool purge,
    struct error *error) MUST_USE;

#endif
