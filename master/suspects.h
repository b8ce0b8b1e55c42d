/* SPDX-License-Identifier: MIT */
/* Names that were active in processes when these crashed: queue ids, addresses
 * of clients. One crash may be bad luck; a name that is found in enough of them
 * is guilty. Pure: time comes as an argument (monotonic milliseconds). */
#ifndef MASTER_SUSPECTS_H
#define MASTER_SUSPECTS_H

#include "lib/base/span.h"

enum {
	SUSPECTS_MAXIMUM = 1024, /* then those of the oldest crash go */
	SUSPECT_NAME_SIZE = 48
};

struct suspect {
	char name[SUSPECT_NAME_SIZE];
	unsigned crashes;
	int64_t last;
	uint64_t last_crash; /* its number: two may be at one time */
	bool is_guilty;
};

struct suspects_rule {
	unsigned alone;   /* crashes, if it was the only one in the last */
	unsigned certain; /* crashes, whoever else was there */
	int64_t window;   /* after so long without one it starts anew */
	int64_t memory;   /* so long a guilty one is remembered */
};

/* The first `count` are in use; zeroed at first. */
struct suspects {
	const struct suspects_rule *rule;
	struct suspect at[SUSPECTS_MAXIMUM];
	size_t count;
	uint64_t crashes; /* so far */
};

/* A process has crashed with these in hand, each named once, SUSPECTS_MAXIMUM
 * of them at most. All of them are known until the next crash. */
void suspects_note(struct suspects *suspects, const struct span *names,
    size_t count, int64_t now);
/* NULL: nothing is known against it. */
const struct suspect *suspects_find(
    const struct suspects *suspects, struct span name);
void suspects_forget(struct suspects *suspects, struct span name);
/* Forgets those whose time has passed; whether there were any. */
bool suspects_sweep(struct suspects *suspects, int64_t now);

#endif
