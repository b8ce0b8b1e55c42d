/* SPDX-License-Identifier: MIT */
#include "master/checkup.h"

#include <sys/wait.h>

enum {
	TEXT_SIZE = 600
};

struct checkup {
	void (*report)(void *argument, const char *text);
	void *argument;
	size_t running;
	bool failed;
};

static void
tell(struct checkup *checkup, const struct role *role, struct span problem)
{
	char text[TEXT_SIZE];

	snprintf(text, sizeof text, "service %s (%s): %.*s", role->name,
	    role->program->name, SPAN_ARGS(problem));
	checkup->failed = true;
	checkup->report(checkup->argument, text);
}

static void
check_answered(struct child *child, struct span problem)
{
	/* From here on its end is of no interest. */
	child->state = CHILD_READY;
	if (problem.len > 0)
		tell(child->owner, child->role, problem);
	else if (child->is_probe)
		printf("%s (%s): confined by %s\n", child->role->name,
		    child->role->program->name, child->level);
}

static bool
check_asked(struct child *child UNUSED, struct frame *frame UNUSED)
{
	return false;
}

static void
check_ended(struct child *child)
{
	struct checkup *checkup = child->owner;
	char text[80];

	checkup->running--;
	if (child->state != CHILD_STARTING)
		return;
	if (WIFSIGNALED(child->status))
		snprintf(text, sizeof text,
		    "killed by signal %d before it could say whether it "
		    "would run",
		    WTERMSIG(child->status));
	else
		snprintf(text, sizeof text, "exit status %d without a word",
		    WEXITSTATUS(child->status));
	tell(checkup, child->role, span_text(text));
}

static bool
all_ended(void *argument)
{
	const struct checkup *checkup = argument;

	return checkup->running == 0;
}

/* Lines with the same program and the same words need one check. */
static bool
is_like_earlier(const struct generation *generation, size_t index)
{
	const struct role *role = &generation->roles[index];

	for (size_t i = 0; i < index; i++) {
		const struct role *earlier = &generation->roles[i];

		if (earlier->program == role->program &&
		    span_equal(earlier->overrides, role->overrides) &&
		    span_equal(earlier->arguments, role->arguments))
			return true;
	}
	return false;
}

bool
checkup_run(struct crew *crew, struct generation *generation,
    void (*report)(void *argument, const char *text), void *argument)
{
	static const struct child_events events = {
	    .ready = check_answered,
	    .frame = check_asked,
	    .died = check_ended,
	};
	struct checkup checkup = {.report = report, .argument = argument};
	struct error error;

	for (size_t i = 0; i < generation->role_count; i++) {
		struct role *role = &generation->roles[i];

		if (is_like_earlier(generation, i))
			continue;
		if (crew_check(crew, role, &events, &checkup, &error))
			checkup.running++;
		else
			tell(&checkup, role, span_text(error.text));
	}
	/* Each has a time limit of its own, after which it is killed. */
	must(crew_wait(crew, all_ended, &checkup, LOOP_NO_DEADLINE));
	return !checkup.failed;
}
