/* SPDX-License-Identifier: MIT */
/* What postconf prints of main.cf: parameters with their values. */
#ifndef POSTCONF_SHOW_H
#define POSTCONF_SHOW_H

#include "lib/param/master_cf.h"
#include "lib/param/param.h"

#include "master/postconf/output.h"

/* Where a name comes from. */
enum show_class {
	SHOW_BUILT_IN = 1, /* it is declared by Postern or Postfix */
	SHOW_SERVICE = 2,  /* it belongs to one transport of master.cf */
	SHOW_USER = 4,     /* main.cf invents it, and something refers to it */
	SHOW_ALL = 7
};

struct show {
	const struct param_source *source; /* its config is empty for -d */
	struct config *config;             /* the one of the source */
	const struct master_cf *master_cf;
	const struct output *output;
	struct warnings *warnings;
	bool is_expanded; /* -x */
	unsigned classes; /* enum show_class */
};

/* One parameter; an unknown one is a warning that names the nearest. */
void show_parameter(const struct show *show, struct span name);

/* All parameters of the classes, sorted by name. */
void show_all(const struct show *show);

/* Those of them that main.cf sets. */
void show_settings(const struct show *show);

#endif
