/* SPDX-License-Identifier: MIT */
/* The capabilities of the process: what it may never have again, and what it
 * has. A set is a word of bits, 1 << CAP_SETUID and so on. */
#ifndef SANDBOX_CAPABILITIES_H
#define SANDBOX_CAPABILITIES_H

#include "lib/base/error.h"

/* Takes all but `kept` out of the bounding set: no program that is executed
 * gets more. Does nothing in a process that has not the capability for it,
 * which has none to lose. Before the change of user. */
bool capabilities_bound(uint64_t kept, struct error *error) MUST_USE;

/* The same for the rules by which a program executed as root has capabilities
 * at all. Before the change of user. */
bool capabilities_lock(struct error *error) MUST_USE;

/* Has those of `kept` that it had, and hands none on. After the change of
 * user. */
bool capabilities_limit(uint64_t kept, struct error *error) MUST_USE;

/* Neither has any nor can get any. */
bool capabilities_are_gone(void);

#endif
