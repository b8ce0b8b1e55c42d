/* SPDX-License-Identifier: MIT */
#include "cleanup/trust.h"

bool
trust_note_failure(struct trust *trust, int64_t now)
{
	if (trust->is_lost)
		return false;
	trust->failed[trust->next] = now;
	trust->next = (trust->next + 1) % TRUST_FAILURES;
	if (trust->count < TRUST_FAILURES)
		trust->count++;
	if (trust->count < TRUST_FAILURES ||
	    now - trust->failed[trust->next] > TRUST_WINDOW)
		return false;
	trust->is_lost = true;
	trust->pause = TRUST_FIRST_PAUSE;
	return true;
}

bool
trust_note_refusal(struct trust *trust, int64_t now)
{
	unsigned last = (trust->next + TRUST_FAILURES - 1) % TRUST_FAILURES;

	if (trust->count > 0 && now - trust->failed[last] < TRUST_BATCH)
		return false;
	return trust_note_failure(trust, now);
}

void
trust_tried(struct trust *trust, bool good)
{
	must(trust->is_lost);
	if (good) {
		*trust = (struct trust){.is_lost = false};
		return;
	}
	trust->pause *= 2;
	if (trust->pause > TRUST_LONGEST_PAUSE)
		trust->pause = TRUST_LONGEST_PAUSE;
}
