/* SPDX-License-Identifier: MIT */
/* The process table, declared once: every program that master runs, whose user
 * it becomes, what it is given, and which other programs it may ask for. */
#ifndef MASTER_PROCESS_TABLE_H
#define MASTER_PROCESS_TABLE_H

#include "lib/base/span.h"

/* The order in which a stop drains; each stage needs only later ones. */
enum stop_stage {
	STAGE_CLIENTS,
	STAGE_AGENTS,
	STAGE_CLEANUP,
	STAGE_QUEUE,
	STAGE_HELPERS,
	STAGE_COUNT
};

enum program_trait {
	PROGRAM_BUILT_IN = 1,    /* runs even if master.cf has no such line */
	PROGRAM_FIRST = 2,       /* started with the suite, others on demand */
	PROGRAM_SUBMIT = 4,      /* also runs while delivery is stopped */
	PROGRAM_CHROOT = 8,      /* its root is an empty directory */
	PROGRAM_INET = 16,       /* listens where its inet lines say */
	PROGRAM_SERVES = 32,     /* has an internal socket */
	PROGRAM_CONTROLLED = 64, /* has a control socket */
	PROGRAM_AGENT = 128,     /* dials qmgr, which asks for it by WANT */
	PROGRAM_SINGLE = 256,    /* one process, whatever maxproc says */
	PROGRAM_EXCLUSIVE = 512, /* a new one waits for the end of the old */
	PROGRAM_STAYS = 1024,    /* outlives a reload that changes nothing */
	PROGRAM_READS = 2048,    /* stored messages: one may be its death */
	PROGRAM_KEYS = 4096      /* is given files of private keys */
};

struct program {
	const char *name; /* in master.cf */
	const char *executable;
	const char *user;        /* NULL: mail_owner; "root": stays root */
	const char *edges;       /* programs it may ask for */
	const char *publics;     /* its sockets in the queue's public/ */
	const char *directories; /* of the queue, given open */
	uint32_t sessions;       /* what maxproc "-" means */
	uint32_t dial; /* sessions per process, unless a parameter says */
	enum stop_stage stage;
	unsigned traits; /* enum program_trait */
};

/* What a program's name in master.cf means. */
enum program_fate {
	FATE_RUNS,     /* it has a row in the table */
	FATE_ABSORBED, /* what it did is done elsewhere */
	FATE_IN_QMGR,  /* a transport that qmgr decides by itself */
	FATE_LATER,    /* this version does not have it */
	FATE_UNKNOWN
};

/* *program is set for FATE_RUNS only. */
enum program_fate process_table_find(
    struct span name, const struct program **program);
bool process_table_may_ask(
    const struct program *asking, const struct program *asked);
/* All rows. */
const struct program *process_table_all(size_t *count);

#endif
