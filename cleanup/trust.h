/* SPDX-License-Identifier: MIT */
/* Whether the disk can be trusted with mail (REL-04). A failed fsync is final
 * for its message; when several fail in a short time the next one would too, so
 * no mail is taken until a trial succeeds. Decides only: times are arguments,
 * in milliseconds of any clock that does not jump. */
#ifndef CLEANUP_TRUST_H
#define CLEANUP_TRUST_H

#include "lib/base/base.h"

enum {
	TRUST_FAILURES = 3,
	TRUST_WINDOW = 60000,     /* in which they count together */
	TRUST_BATCH = 50,         /* what fails within it may be one failure */
	TRUST_FIRST_PAUSE = 2000, /* before the first trial; then twice as */
	TRUST_LONGEST_PAUSE = 60000 /* long each time up to this */
};

/* Begins as zeros. */
struct trust {
	int64_t failed[TRUST_FAILURES]; /* when, the oldest at `next` */
	unsigned next;
	unsigned count; /* of `failed` that are set */
	int64_t pause;
	bool is_lost;
};

/* An fsync has failed. True when the trust is lost by that: the first trial is
 * due after `pause`. */
bool trust_note_failure(struct trust *trust, int64_t now);

/* The same for any other write that the disk refused. What a batch has suffered
 * together counts once: not within TRUST_BATCH of what has counted. */
bool trust_note_refusal(struct trust *trust, int64_t now);

/* A trial has ended; only while the trust is lost. Good: it is back and what
 * was before is forgotten. Otherwise the next one is due after `pause`. */
void trust_tried(struct trust *trust, bool good);

#endif
