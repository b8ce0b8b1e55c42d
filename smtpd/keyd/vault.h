/* SPDX-License-Identifier: MIT */
/* The memory that private keys are in: locked, so that it is never swapped out,
 * in no core dump, and wiped when it is freed. All that OpenSSL allocates in
 * this process comes from here, for it copies keys when it decodes, prepares
 * and uses them. It is taken from the system once, so no call for memory is
 * needed later: 32 MB, or as much as may be locked, and who needs more ends the
 * process. Owned by the process; no other thread may use it. */
#ifndef SMTPD_KEYD_VAULT_H
#define SMTPD_KEYD_VAULT_H

#include "lib/base/error.h"

/* Once, before OpenSSL has allocated any. */
void vault_open(void);

/* False when the system has refused to lock it; *error says why. */
bool vault_is_locked(struct error *error);

/* Zeroed. Up to 2 MB, less a few bytes. */
void *vault_alloc(size_t size) __attribute__((malloc, returns_nonnull));
/* NULL is allowed. */
void vault_free(void *memory);

/* Bytes of it that have been in use. */
size_t vault_used(void);

#endif
