/* SPDX-License-Identifier: MIT */
/* What `postern check` finds in a configuration that loads and still does not
 * do what was meant: rules that are never reached, tables that were not
 * rebuilt, files that are missing, transports and ports that nobody has. */
#ifndef MASTER_POSTERN_AUDIT_H
#define MASTER_POSTERN_AUDIT_H

#include "lib/param/master_cf.h"
#include "lib/param/param.h"

/* Looks at the values of main.cf and at the options of master.cf. Each warning
 * begins with file and line. Asks for file times and services(5). */
void audit_run(const struct param_source *source,
    const struct master_cf *master_cf, struct warnings *warnings);

#endif
