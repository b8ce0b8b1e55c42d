/* SPDX-License-Identifier: MIT */
/* A role: one service of a generation, that is a line of master.cf or a
 * built-in row of the process table, with its listeners, its limits and the
 * processes that fill it. The generation owns it. */
#ifndef MASTER_ROLE_H
#define MASTER_ROLE_H

#include "lib/base/list.h"
#include "lib/daemon/instance.h"
#include "lib/loop/loop.h"
#include "lib/param/master_cf.h"

#include "master/listener.h"
#include "master/process_table.h"

struct generation;
struct crew;

/* Who fills a role at the moment; see staffing.h. */
struct staff {
	struct list children; /* struct child, not those that only check */
	struct crew *crew;    /* NULL until the generation is in use */
	bool is_wanted;
	bool is_stressed;
	unsigned failures;  /* deaths before READY in a row */
	int64_t not_before; /* when the next may be started */
	int64_t last_full;  /* when all its sessions were taken */
	unsigned crashes;   /* within CRASH_WINDOW */
	int64_t last_crash;
	int64_t careful_until; /* a smaller dial until then */
	unsigned halvings;     /* of it */
	struct loop_timer retry;
};

struct role {
	struct generation *generation;
	const struct program *program;
	const char *name;
	bool is_inet;
	int image;             /* borrowed */
	struct span overrides; /* lines of name=value */
	struct span arguments; /* one per line */
	bool becomes;          /* takes on uid and gid */
	uid_t uid;
	gid_t gid;
	struct listener_list listeners;
	uint32_t dial;  /* sessions per process; 0: not counted */
	uint32_t base;  /* processes kept */
	uint32_t limit; /* processes at most */
	struct staff staff;
};

struct role_plan {
	struct instance *instance;
	const struct program *program;
	const struct master_service *line; /* NULL: a built-in one */
	/* Whose options and maxproc count; usually `line`. */
	const struct master_service *settings;
};

/* Asks the user database and the name service: not in a coroutine. Memory comes
 * from the instance's pool. */
bool role_init(struct role *role, const struct role_plan *plan,
    struct error *error) MUST_USE;

static inline bool
role_has(const struct role *role, enum program_trait trait)
{
	return (role->program->traits & trait) != 0;
}

/* Whether both are the same service, perhaps of two generations. */
bool role_same(const struct role *a, const struct role *b);

enum {
	DIAL_CAREFUL_MINIMUM = 4 /* crashes make the dial no smaller */
};

/* Sessions per process at the moment. */
uint32_t role_dial(const struct role *role);

#endif
