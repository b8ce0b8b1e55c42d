/* SPDX-License-Identifier: MIT */
/* Has the bounce agent write a notice to a message's sender. */
#ifndef QMGR_NOTICE_H
#define QMGR_NOTICE_H

#include "qmgr/disk.h"
#include "qmgr/report.h"

/* Whether anybody would read a notice about this message: not its sender when
 * that is <> or our own address for such mail. */
bool notice_has_reader(const struct message *message, enum notice_kind kind);

/* Whether a recipient with these NOTIFY flags is for a notice of this kind. */
bool notice_concerns(uint32_t notify, enum notice_kind kind);

/* Sends one notice about the recipients that were read, results[i] being that
 * of reading->recipients[i]; those it does not concern are left out. True when
 * the notice is durable, or none was needed. `deadline` is for a bounce agent
 * to be free. */
bool notice_send(struct message *message, enum notice_kind kind,
    const struct disk_reading *reading, const struct result *results,
    int64_t deadline, struct error *error) MUST_USE;

#endif
