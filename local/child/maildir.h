/* SPDX-License-Identifier: MIT */
/* Delivery to a maildir: the message appears in new/ complete and durable. */
#ifndef LOCAL_CHILD_MAILDIR_H
#define LOCAL_CHILD_MAILDIR_H

#include "local/child/job.h"
#include "local/child/reader.h"

/* Makes the maildir and its tmp, new and cur if they are missing. On failure
 * nothing is left in new/. */
bool maildir_deliver(int base_fd, const struct job_settings *settings,
    const struct job *job, struct reader *reader, struct error *error) MUST_USE;

#endif
