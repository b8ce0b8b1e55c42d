/* SPDX-License-Identifier: MIT */
/* What postmap and postalias have in common: they make the files of tables, and
 * ask tables for keys. */
#ifndef POSTMAP_TABLE_TOOL_H
#define POSTMAP_TABLE_TOOL_H

#include "lib/base/base.h"

struct table_tool {
	const char *name; /* of the program */
	bool aliases;     /* alias syntax */
};

/* The whole program; returns its exit status: 0, 1 when no key was found or
 * something failed, 64 for a wrong command line. */
int table_tool_run(const struct table_tool *tool, int argc, char **argv);

#endif
