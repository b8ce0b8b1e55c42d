/* SPDX-License-Identifier: MIT */
/* The children: processes that each deliver as one identity below one
 * directory, for up to 100 deliveries or 10 idle seconds. */
#ifndef LOCAL_LAUNCHER_CREW_H
#define LOCAL_LAUNCHER_CREW_H

#include "lib/base/error.h"
#include "lib/mail/reply.h"

#include "local/child/child.h"

struct worker;

/* `settings` must outlive the crew. */
void crew_open(const struct job_settings *settings);

/* A child for one delivery, to which the job has been sent: an idle one, or a
 * new one. NULL: no process to be had. All functions run in a coroutine. */
struct worker *crew_take(const struct identity *identity, const struct job *job,
    struct error *error) MUST_USE;

/* Content of the delivery. */
bool crew_send(
    struct worker *worker, struct span content, struct error *error) MUST_USE;
/* The child's answer, when all content has been sent. */
bool crew_receive(
    struct worker *worker, struct reply *reply, struct error *error) MUST_USE;

/* Ends the use of the child. One that is not `done` gets no other delivery: it
 * undoes the one it has begun, and ends. */
void crew_return(struct worker *worker, bool done);

#endif
