/* SPDX-License-Identifier: MIT */
/* What is known of a message in the queue, in sentences: where it is, what
 * holds it, when something will happen, and what would change it. Pure. */
#ifndef INSPECT_WHY_TEXT_H
#define INSPECT_WHY_TEXT_H

#include "lib/base/buf.h"
#include "lib/ipc/messages.h"

enum {
	WHY_RECIPIENTS = 20, /* outstanding ones that are shown */
	WHY_DURATION_SIZE = 32,
	WHY_TEXT_MAXIMUM = 1 << 20
};

struct why_recipient {
	struct span address;
	struct span reason; /* the last one; empty: none */
	/* From qmgr, if it is running and could say. */
	bool is_explained;
	struct message_explained_recipient explained;
};

/* Times are those of the wall clock, in microseconds; 0 = never or unknown. */
struct why {
	struct span id;
	struct span queue; /* "deferred" */
	struct span sender;
	uint64_t size;
	int64_t arrival;
	uint32_t recipient_count;
	uint32_t delivered;
	uint32_t returned;
	uint32_t outstanding;
	uint32_t attempts;
	int64_t last_attempt;
	int64_t next_attempt;
	int64_t expires;
	int64_t warned;
	int64_t warns;
	int64_t forced_expiry;
	int64_t requeue;
	struct why_recipient recipients[WHY_RECIPIENTS];
	size_t shown;

	/* The parameters that it depends on. */
	int64_t queue_run_delay; /* seconds */
	int64_t message_limit;
	int64_t recipient_limit;

	bool is_running; /* qmgr; if not, what follows means nothing */
	enum explained_state state;
	bool has_room;
	uint64_t messages;
	uint64_t recipients_in_memory;
};

/* "45 s", "12 min", "3 h 5 min", "4 d 3 h". */
void why_duration(int64_t seconds, char text[WHY_DURATION_SIZE]);

void why_text(const struct why *why, int64_t now, struct buf *out);

#endif
