/* SPDX-License-Identifier: MIT */
/* Writes what a delivery report changes into a queue file: states in place,
 * records behind the end. Private to lib/queue: store.c calls it. */
#ifndef QUEUE_OWN_REPORT_H
#define QUEUE_OWN_REPORT_H

#include "lib/queue/store.h"

/* As store_record, for a file open for reading and writing. */
bool own_report_write(int fd, const struct store_report *report,
    bool *states_written, struct error *error) MUST_USE;

#endif
