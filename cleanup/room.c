/* SPDX-License-Identifier: MIT */
#include "cleanup/room.h"

#include "lib/loop/loop.h"
#include "lib/loop/offload.h"

#include "cleanup/params.h"

enum {
	ANSWER_MAXIMUM_AGE = 1000 /* milliseconds */
};

struct question {
	struct store *store;
	uint64_t minimum;
	bool is_left;
	struct error error;
};

/* The last answer; the process has one queue. */
static struct {
	int64_t when;
	bool is_known;
	bool is_left;
	struct error error;
} answer;

static void
ask(void *argument)
{
	struct question *question = argument;

	question->is_left = store_has_room(
	    question->store, 0, question->minimum, &question->error);
}

bool
room_is_left(struct store *store, struct error *error)
{
	struct question question = {
	    .store = store,
	    .minimum = (uint64_t)cleanup_params.queue_minfree,
	};

	if (!answer.is_known ||
	    loop_now() - answer.when >= ANSWER_MAXIMUM_AGE) {
		offload_run(ask, &question);
		answer.when = loop_now();
		answer.is_known = true;
		answer.is_left = question.is_left;
		answer.error = question.error;
	}
	if (!answer.is_left)
		*error = answer.error;
	return answer.is_left;
}
