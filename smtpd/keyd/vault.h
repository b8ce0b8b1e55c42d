/* SPDX-License-Identifier: MIT */
/* The memory that private keys are in: locked, so that it is never swapped out,
 * in no core dump, and wiped when it is freed. All that OpenSSL allocates in
 * this process comes from here, for it copies keys when it decodes, prepares
 * and uses them. Owned by the process; no other thread may use it. */
#ifndef SMTPD_KEYD_VAULT_H
#define SMTPD_KEYD_VAULT_H

#include "lib/base/error.h"

/* Gives OpenSSL its memory; before it has allocated any. */
void vault_open(void);

/* False when the system has refused to lock all of it; *error says why. */
bool vault_is_locked(struct error *error);

/* Zeroed. */
void *vault_alloc(size_t size) __attribute__((malloc, returns_nonnull));
/* NULL is allowed. */
void vault_free(void *memory);

/* Bytes taken from the system. */
size_t vault_used(void);

#endif
