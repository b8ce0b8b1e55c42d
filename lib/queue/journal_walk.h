/* SPDX-License-Identifier: MIT */
/* Goes through the journal of a queue file, oldest record first, in constant
 * memory. Private to lib/queue. */
#ifndef QUEUE_JOURNAL_WALK_H
#define QUEUE_JOURNAL_WALK_H

#include "lib/queue/journal.h"
#include "lib/queue/window.h"

struct journal_walk {
	struct window window;
	struct journal_entry entry; /* valid until the next step */
	uint64_t offset;            /* of the entry in the file */
	uint64_t end;               /* offset behind the last sound record */
	uint32_t count;             /* of sound records so far */
	struct error error;         /* kind is ERROR_NONE unless failed */
};

void journal_walk_init(struct journal_walk *walk, const struct source *source,
    struct extent journal);
void journal_walk_finish(struct journal_walk *walk);

/* False at the end, which is the first record that is not sound, and when the
 * file cannot be read: walk->error then says why. */
bool journal_walk_next(struct journal_walk *walk);

#endif
