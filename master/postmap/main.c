/* SPDX-License-Identifier: MIT */
/* postmap: makes the files of lookup tables, and asks tables for keys. */
#include "master/postmap/table_tool.h"

int
main(int argc, char **argv)
{
	const struct table_tool postmap = {.name = "postmap"};

	return table_tool_run(&postmap, argc, argv);
}
