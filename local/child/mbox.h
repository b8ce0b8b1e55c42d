/* SPDX-License-Identifier: MIT */
/* Delivery to a mailbox file: appended under a lock, durable, or not at all. */
#ifndef LOCAL_CHILD_MBOX_H
#define LOCAL_CHILD_MBOX_H

#include "local/child/job.h"
#include "local/child/reader.h"

/* Makes the file if it is missing. On failure it has its old size. */
bool mbox_deliver(int base_fd, const struct job_settings *settings,
    const struct job *job, struct reader *reader, struct error *error) MUST_USE;

#endif
