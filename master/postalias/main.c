/* SPDX-License-Identifier: MIT */
/* postalias: makes the files of alias tables, and asks tables for keys. */
#include "master/postmap/table_tool.h"

int
main(int argc, char **argv)
{
	const struct table_tool postalias = {
	    .name = "postalias", .aliases = true};

	return table_tool_run(&postalias, argc, argv);
}
