/* SPDX-License-Identifier: MIT */
#include "master/process_table.h"

/* clang-format off */
static const struct program programs[] = {
    {.name = "smtpd", .executable = "smtpd", .user = "postern-in",
	.edges = "cleanup lookup dns keyd", .sessions = 10000,
	.stage = STAGE_CLIENTS,
	.traits = PROGRAM_INET | PROGRAM_FIRST | PROGRAM_CHROOT},
    {.name = "pickup", .executable = "pickup", .user = "postern-pickup",
	.edges = "cleanup lookup", .publics = "submit",
	.sessions = 1000, .dial = 1000, .stage = STAGE_CLIENTS,
	.traits = PROGRAM_BUILT_IN | PROGRAM_FIRST | PROGRAM_SUBMIT |
	    PROGRAM_SINGLE},
    {.name = "showq", .executable = "showq",
	.edges = "qmgr lookup", .publics = "showq flush",
	.sessions = 1000, .dial = 1000, .stage = STAGE_CLIENTS,
	.traits = PROGRAM_BUILT_IN | PROGRAM_FIRST | PROGRAM_SINGLE |
	    PROGRAM_READS},
    {.name = "smtp", .executable = "smtp", .user = "postern-out",
	.edges = "qmgr dns lookup keyd", .sessions = 1000, .dial = 100,
	.stage = STAGE_AGENTS, .traits = PROGRAM_AGENT | PROGRAM_READS | PROGRAM_CHROOT},
    {.name = "lmtp", .executable = "smtp", .user = "postern-out",
	.edges = "qmgr dns lookup keyd", .sessions = 1000, .dial = 100,
	.stage = STAGE_AGENTS, .traits = PROGRAM_AGENT | PROGRAM_READS},
    {.name = "local", .executable = "local", .user = "postern-local",
	.edges = "qmgr lookup cleanup launcher", .sessions = 20, .dial = 100,
	.stage = STAGE_AGENTS, .traits = PROGRAM_AGENT | PROGRAM_READS | PROGRAM_CHROOT},
    {.name = "virtual", .executable = "virtual", .user = "postern-local",
	.edges = "qmgr lookup launcher", .sessions = 100, .dial = 100,
	.stage = STAGE_AGENTS, .traits = PROGRAM_AGENT | PROGRAM_READS},
    {.name = "bounce", .executable = "bounce",
	.edges = "qmgr cleanup", .sessions = 100, .dial = 100,
	.stage = STAGE_CLEANUP,
	.traits = PROGRAM_BUILT_IN | PROGRAM_AGENT | PROGRAM_READS},
    {.name = "launcher", .executable = "launcher", .user = "root",
	.edges = "lookup", .stage = STAGE_CLEANUP,
	.traits = PROGRAM_BUILT_IN | PROGRAM_SERVES | PROGRAM_SINGLE |
	    PROGRAM_READS},
    {.name = "cleanup", .executable = "cleanup", .user = "postern-cleanup",
	.edges = "qmgr lookup", .directories = "incoming hold",
	.stage = STAGE_CLEANUP,
	.traits = PROGRAM_BUILT_IN | PROGRAM_FIRST | PROGRAM_SUBMIT |
	    PROGRAM_SERVES | PROGRAM_SINGLE},
    {.name = "qmgr", .executable = "qmgr",
	.edges = "lookup cleanup", .stage = STAGE_QUEUE,
	.traits = PROGRAM_BUILT_IN | PROGRAM_FIRST | PROGRAM_SERVES |
	    PROGRAM_CONTROLLED | PROGRAM_SINGLE | PROGRAM_EXCLUSIVE |
	    PROGRAM_STAYS | PROGRAM_READS},
    {.name = "lookup", .executable = "lookup", .user = "postern-map",
	.edges = "dns", .stage = STAGE_HELPERS,
	.traits = PROGRAM_BUILT_IN | PROGRAM_FIRST | PROGRAM_SUBMIT |
	    PROGRAM_SERVES | PROGRAM_SINGLE},
    {.name = "dns", .executable = "dns", .user = "postern-dns",
	.stage = STAGE_HELPERS,
	.traits = PROGRAM_BUILT_IN | PROGRAM_FIRST | PROGRAM_SERVES |
	    PROGRAM_SINGLE | PROGRAM_STAYS},
    {.name = "keyd", .executable = "keyd", .user = "postern-key",
	.stage = STAGE_HELPERS,
	.traits = PROGRAM_BUILT_IN | PROGRAM_SERVES | PROGRAM_SINGLE |
	    PROGRAM_STAYS | PROGRAM_CHROOT | PROGRAM_KEYS},
};

/* Other names that a master.cf may have in its last column. */
static const struct {
	const char *name;
	enum program_fate fate;
	const char *runs; /* the row meant, for an older name */
} others[] = {
    {"oqmgr", FATE_RUNS, "qmgr"},
    {"nqmgr", FATE_RUNS, "qmgr"},
    {"postscreen", FATE_RUNS, "smtpd"},
    {"error", FATE_IN_QMGR, NULL},
    {"retry", FATE_IN_QMGR, NULL},
    {"discard", FATE_IN_QMGR, NULL},
    {"tlsmgr", FATE_ABSORBED, NULL},
    {"anvil", FATE_ABSORBED, NULL},
    {"scache", FATE_ABSORBED, NULL},
    {"trivial-rewrite", FATE_ABSORBED, NULL},
    {"proxymap", FATE_ABSORBED, NULL},
    {"proxywrite", FATE_ABSORBED, NULL},
    {"verify", FATE_ABSORBED, NULL},
    {"flush", FATE_ABSORBED, NULL},
    {"defer", FATE_ABSORBED, NULL},
    {"trace", FATE_ABSORBED, NULL},
    {"dnsblog", FATE_ABSORBED, NULL},
    {"tlsproxy", FATE_ABSORBED, NULL},
    {"postlogd", FATE_ABSORBED, NULL},
    {"pipe", FATE_LATER, NULL},
    {"spawn", FATE_LATER, NULL},
    {"qmqpd", FATE_LATER, NULL},
    {"nbdb_reindexd", FATE_LATER, NULL},
};

/* clang-format on */

static const struct program *
find_row(struct span name)
{
	for (size_t i = 0; i < COUNT_OF(programs); i++)
		if (span_equal(name, span_text(programs[i].name)))
			return &programs[i];
	return NULL;
}

enum program_fate
process_table_find(struct span name, const struct program **program)
{
	*program = find_row(name);
	if (*program != NULL)
		return FATE_RUNS;
	for (size_t i = 0; i < COUNT_OF(others); i++) {
		if (!span_equal(name, span_text(others[i].name)))
			continue;
		*program = find_row(span_text(others[i].runs));
		return others[i].fate;
	}
	return FATE_UNKNOWN;
}

bool
process_table_may_ask(const struct program *asking, const struct program *asked)
{
	struct span rest = span_text(asking->edges);
	struct span word;

	while (span_take_word(&rest, " ", &word))
		if (span_equal(word, span_text(asked->name)))
			return true;
	return false;
}

const struct program *
process_table_all(size_t *count)
{
	*count = COUNT_OF(programs);
	return programs;
}
