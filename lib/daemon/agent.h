/* SPDX-License-Identifier: MIT */
/* An agent's side of its connection to qmgr, which it dials: takes requests,
 * runs each in a coroutine, and keeps the results until qmgr has them on disk.
 * When qmgr dies, what is begun goes on and is reported to the next one. */
#ifndef DAEMON_AGENT_H
#define DAEMON_AGENT_H

#include "lib/daemon/delivery.h"

/* Delivers to all recipients and reports on each of them before it returns (one
 * that it forgets is deferred). Runs in a coroutine. */
typedef void agent_deliver(struct delivery *delivery);

/* For `begin` of struct service: dials qmgr, again whenever the connection is
 * lost, and offers as many slots as the process may have sessions. */
void agent_begin(agent_deliver *deliver);

/* Has qmgr pass a transcript on to postmaster; false: it is not there, and
 * nobody will hear of it. */
bool agent_tell_transcript(
    const struct message_transcript *transcript) MUST_USE;

/* For `drain` of struct service. */
void agent_drain(void);

#endif
