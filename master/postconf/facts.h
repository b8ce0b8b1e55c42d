/* SPDX-License-Identifier: MIT */
/* What this build can do: names of table types and mailbox locks, and facts of
 * the TLS library, one a line. */
#ifndef POSTCONF_FACTS_H
#define POSTCONF_FACTS_H

#include "lib/base/buf.h"

void facts_append_tables(struct buf *out);
void facts_append_locks(struct buf *out);

/* `mode`: compile-version, run-version or public-key-algorithms; false when it
 * is none of them. */
bool facts_append_tls(struct span mode, struct buf *out);

#endif
