/* SPDX-License-Identifier: MIT */
/* `postern reload --dry-run`: what the files say that the running mail system
 * does not do yet. */
#ifndef MASTER_POSTERN_DIFFERENCE_H
#define MASTER_POSTERN_DIFFERENCE_H

#include "lib/param/master_cf.h"
#include "lib/param/param.h"

/* One reading of main.cf and master.cf. */
struct reading {
	const struct param_source *source;
	const struct master_cf *master_cf;
};

/* Appends one line for each parameter whose expanded value changes, "name: old
 * -> new (programs that use it)", and for each service of master.cf that comes,
 * goes or changes; false when nothing does. */
bool difference_append(
    const struct reading *before, const struct reading *after, struct buf *out);

/* Appends which programs get new processes by a reload. */
void difference_append_restarts(
    const struct master_cf *master_cf, bool is_changed, struct buf *out);

#endif
