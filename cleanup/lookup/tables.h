/* SPDX-License-Identifier: MIT */
/* All tables of the daemon, opened together. A set belongs to whoever opened it
 * and is used by one thread at a time. */
#ifndef CLEANUP_LOOKUP_TABLES_H
#define CLEANUP_LOOKUP_TABLES_H

#include "lib/param/common.h"
#include "lib/route/route.h"

#include "cleanup/lookup/params.h"

struct tables;

/* All of it must outlive the tables. */
struct tables_source {
	const struct common_params *common;
	const struct route_params *route;
	const struct lookup_params *lookup;
	const char *passwd_path; /* table_options */
};

/* What opening them has shown; embedded in its owner, warnings_finish. */
struct tables_notes {
	struct warnings warnings; /* rows that are none, tables not opened */
	size_t closed;            /* tables that answer "try again" */
	unsigned traits;          /* of all tables together */
};

/* NULL: failure, the text begins with the parameter's name. `notes` may be
 * NULL. */
struct tables *tables_open(const struct tables_source *source,
    struct tables_notes *notes, struct error *error) MUST_USE;
/* Calls visit(value) for each parameter that may name one of their files. */
void tables_each_value(
    const struct tables_source *source, void (*visit)(const char *value));
/* NULL is allowed. */
void tables_close(struct tables *tables);

/* Whether a file behind them is no longer the one that was opened; *name is
 * then the table's name. */
bool tables_have_changed(const struct tables *tables, const char **name);

struct route *tables_route(struct tables *tables);

/* What the tables that `parameter` names have for `key`: an exact key of
 * alias_maps, an address for the others, which are asked for it as
 * address_find.h says. A parameter that may not be asked for is
 * TABLE_TRY_AGAIN. */
enum table_result tables_get(struct tables *tables, struct span parameter,
    struct span key, struct buf *value, struct error *error) MUST_USE;

#endif
