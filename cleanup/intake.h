/* SPDX-License-Identifier: MIT */
/* A conversation in which a client of cleanup hands one message in: BEGIN to
 * the REPLY that says durable. What is sent is not believed: content is brought
 * to stored form and measured here, whoever sends it. */
#ifndef CLEANUP_INTAKE_H
#define CLEANUP_INTAKE_H

#include "lib/base/error.h"
#include "lib/ipc/peer.h"

/* Attaches the queue directories that master has given. */
bool intake_open(struct error *error) MUST_USE;

/* Serves BEGIN. */
void intake_serve(struct conversation *conversation, struct frame *first);

#endif
