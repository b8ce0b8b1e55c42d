/* SPDX-License-Identifier: MIT */
/* Says what this version does with the settings of main.cf and with the -o
 * options of master.cf: what it does not honour yet, what must not be ignored
 * and what nobody knows. Values of honoured parameters are checked by the
 * programs that declare them. */
#ifndef POSTCONF_CHECK_H
#define POSTCONF_CHECK_H

#include "lib/param/master_cf.h"
#include "lib/param/param.h"

struct check {
	struct config *config;
	const struct master_cf *master_cf; /* NULL = not looked at */
	const struct host *host;
	const char *config_directory;
};

/* Adds to `problems` what must stop start and reload, each with its place and
 * the name of the feature, and to `warnings` the rest. True when there are no
 * problems. */
bool check_settings(const struct check *check, struct warnings *problems,
    struct warnings *warnings) MUST_USE;

/* Warns of the names in main.cf and in -o options that nobody knows and no
 * value refers to, and calls unused() for those of main.cf. */
void check_unused(const struct check *check, struct warnings *warnings,
    void (*unused)(void *argument, const struct config_entry *entry),
    void *argument);

#endif
