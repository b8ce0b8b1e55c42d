/* SPDX-License-Identifier: MIT */
/* Has mail tried before its time because somebody knows that something works
 * again: all of it, one message, or what waits for a site. */
#ifndef QMGR_FLUSH_H
#define QMGR_FLUSH_H

#include "qmgr/message.h"

/* Forgets what is held against any destination. */
void flush_forgive(void);
/* Has the whole queue tried. */
void flush_all(void);
/* Has the deferred messages tried that have an outstanding recipient in the
 * domain `site`, which may be an address literal. They are looked for in the
 * background, one file after the other. False when too many sites wait. */
bool flush_site(struct span site, struct error *error) MUST_USE;

/* When the last site was asked for, in milliseconds of the loop's clock. */
int64_t flush_site_time(void);

/* Whether `address` is in the domain `site`. Pure. */
bool flush_is_in_site(struct span address, struct span site);

#endif
