/* SPDX-License-Identifier: MIT */
/* What postconf prints: parameters as "name = value", services as lines. */
#ifndef POSTCONF_SHOW_H
#define POSTCONF_SHOW_H

#include "lib/param/master_cf.h"
#include "lib/param/param.h"

struct show {
	const struct param_source *source; /* its config is empty for -d */
	struct buf *out;
	struct warnings *warnings;
	bool is_expanded;   /* -x */
	bool is_value_only; /* -h */
};

/* One parameter; an unknown one is a warning that names the nearest. */
void show_parameter(const struct show *show, struct span name);

/* All parameters, sorted by name, with those that main.cf invents. */
void show_all(const struct show *show);

/* Those that main.cf sets, sorted by name, without the unused ones, which are
 * warned of. `config` is the one of the source. */
void show_settings(const struct show *show, struct config *config);

/* One line per service of master.cf. `filter` is "name", "name/type" or empty
 * for all. False when nothing matches. */
bool show_services(
    const struct master_cf *master_cf, struct span filter, struct buf *out);

#endif
