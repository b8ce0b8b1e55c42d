/* SPDX-License-Identifier: MIT */
/* Which system calls go together, declared once: a program says which sets it
 * needs (lib/daemon/sandbox.h), and nobody names a call but the table. */
#ifndef SANDBOX_CALL_SETS_H
#define SANDBOX_CALL_SETS_H

#include "lib/base/base.h"

enum call_set {
	CALLS_BASIC = 1,      /* memory, time, and descriptors that are open */
	CALLS_LOOP = 2,       /* waiting, sockets that are connected */
	CALLS_THREADS = 4,    /* lib/loop/offload.h */
	CALLS_READ = 8,       /* open files, read only */
	CALLS_LIST = 16,      /* read directories */
	CALLS_WRITE = 32,     /* open, make, rename, remove files */
	CALLS_TCP = 64,       /* connect to any host */
	CALLS_UDP = 128,      /* ask name servers */
	CALLS_UNIX = 256,     /* connect to UNIX sockets by their path */
	CALLS_SYSLOG = 512,   /* write to another one when syslogd restarts */
	CALLS_USERS = 1024,   /* getpwnam(3), and modules it loads */
	CALLS_FORK = 2048,    /* children that become other users */
	CALLS_CONFINE = 4096, /* put further limits on itself */
	/* Look at tables that were opened before: files are not to be seen any
	 * more, and whether they were replaced is not this program's business.
	 */
	CALLS_TABLES = 8192,
	CALLS_SECRETS = 16384 /* keep memory from being swapped out */
};

/* A condition on an argument: its bits in `mask` are `value`. */
struct call_condition {
	unsigned argument; /* from 0 */
	uint64_t mask;
	uint64_t value;
};

enum {
	CALL_CONDITIONS = 2
};

/* Calls that are allowed under the same conditions. */
struct call_rule {
	unsigned sets;     /* any of them has these calls */
	const char *calls; /* names, space between them */
	int failure;       /* errno that they get; 0: they are made */
	/* All of them hold; one with mask 0 always does. */
	struct call_condition conditions[CALL_CONDITIONS];
};

const struct call_rule *call_sets_rules(size_t *count);

#endif
