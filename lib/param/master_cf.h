/* SPDX-License-Identifier: MIT */
/* A parsed master.cf: one struct per service line. All texts live in the pool
 * given to master_cf_parse. */
#ifndef PARAM_MASTER_CF_H
#define PARAM_MASTER_CF_H

#include "lib/base/error.h"
#include "lib/base/pool.h"
#include "lib/param/warnings.h"

enum master_type {
	MASTER_INET,
	MASTER_UNIX, /* also written fifo */
	MASTER_PASS,
	MASTER_UNIX_DGRAM
};

#define MASTER_DEFAULT (-1) /* a '-' in the maxproc column */

/* -o name=value */
struct master_option {
	struct span name;
	struct span value; /* unexpanded */
};

struct master_service {
	struct span name; /* "smtp", "127.0.0.1:10025", "cleanup" */
	enum master_type type;
	bool is_private;
	bool is_unprivileged;
	bool is_chrooted;
	int64_t wakeup;                /* seconds, 0 = never */
	bool wakeup_if_used;           /* written with a '?' */
	int64_t maxproc;               /* MASTER_DEFAULT; 0 = no limit */
	struct span command;           /* name of the program */
	struct master_option *options; /* in the order of the line */
	size_t option_count;
	unsigned verbose;       /* how many -v */
	bool debug;             /* -D */
	struct span *arguments; /* the other words (user=, argv= ...) */
	size_t argument_count;
	const char *where; /* "master.cf, line 12" */
	struct span text;  /* the logical line */
};

struct master_cf {
	struct master_service *services; /* in the order of the file */
	size_t count;
};

/* On failure *error begins with "<file>, line N: ". The last of two lines with
 * one name and type wins, with a warning. */
bool master_cf_parse(struct pool *pool, const char *file, struct span text,
    struct master_cf *master_cf, struct warnings *warnings,
    struct error *error) MUST_USE;

/* NULL when there is no such service. */
const struct master_service *master_cf_find(
    const struct master_cf *master_cf, struct span name, enum master_type type);

/* "inet", "unix", "pass" or "unix-dgram". */
const char *master_cf_type_name(enum master_type type);

#endif
