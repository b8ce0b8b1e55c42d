/* SPDX-License-Identifier: MIT */
/* The window, step by step as Postfix's SCHEDULER_README says. */
#include "../unit.h"
#include "qmgr/concurrency.h"

#define WHOLE                          \
	{                              \
		1, FEEDBACK_BY_NOTHING \
	}

/* Each letter is an event: b a delivery begins, g one gets through, f one
 * fails, n one teaches nothing; a digit is the size that the window then has,
 * ! says that the last failure made the destination dead. */
static const struct {
	const char *why;
	struct concurrency_limits limits;
	const char *story;
} cases[] = {
    {"one up with each success, to the limit", {2, 4, 1, WHOLE, WHOLE},
	"2bb2g3bb3g4b4g4"},
    {"one down with each failure, dead after a window full of them",
	{3, 9, 1, WHOLE, WHOLE}, "3bbb3f2f1f1!"},
    {"a success begins the count anew", {2, 2, 1, WHOLE, WHOLE},
	"2bf1bg2bf1bg2bf1bf1!"},
    {"0 cohorts are as many as there are numbers",
	{1, 9, INT32_MAX, WHOLE, WHOLE}, "1bf1bf1bf1bf1"},
    {"two cohorts", {2, 9, 2, WHOLE, WHOLE}, "2bf1bf1bf1!"},
    {"half a step up: at the end of two successes",
	{2, 9, 1, {0.5, FEEDBACK_BY_NOTHING}, WHOLE}, "2bg2bg3bbg3bbg4"},
    {"half a step down: at the beginning of two failures",
	{4, 9, 9, WHOLE, {0.5, FEEDBACK_BY_NOTHING}}, "4bf3bf3bf2bf2bf1"},
    {"one up after a window full of successes",
	{2, 9, 1, {1, FEEDBACK_BY_CONCURRENCY}, WHOLE}, "2bg2bg3bbg3bbg3bbg4"},
    {"one down at the beginning of a window full of failures",
	{4, 9, 9, WHOLE, {1, FEEDBACK_BY_CONCURRENCY}}, "4bf3bf3bf3bf2"},
    {"by the root: four are two steps", {4, 9, 1, {1, FEEDBACK_BY_ROOT}, WHOLE},
	"4bg4bg5"},
    {"a step down begins the successes anew",
	{3, 9, 9, {0.5, FEEDBACK_BY_NOTHING}, WHOLE}, "3bg3bf2bg2bg3"},
    {"a step up begins the failures anew",
	{3, 9, 9, WHOLE, {0.5, FEEDBACK_BY_NOTHING}}, "3bf2bg3bf2bf2"},
    {"no feedback",
	{3, 9, 1, {0, FEEDBACK_BY_NOTHING}, {0, FEEDBACK_BY_NOTHING}},
	"3bg3bf3bf3bf3!"},
    {"a window that is not in use does not grow", {1, 9, 1, WHOLE, WHOLE},
	"1bg2bg2bg2bbg3"},
    {"what teaches nothing changes nothing", {2, 9, 1, WHOLE, WHOLE},
	"2bbn2n2bf1bn1bf1!"},
    {"the limit is above all", {5, 2, 1, WHOLE, WHOLE}, "2bbg2f1"},
};

static void
tell(
    const char *why, const struct concurrency_limits *limits, const char *story)
{
	struct concurrency window;
	bool dead = false;

	concurrency_init(&window, limits);
	for (const char *event = story; *event != '\0'; event++) {
		bool was_dead = dead;

		dead = false;
		if (*event == 'b')
			concurrency_begin(&window);
		else if (*event == 'g')
			concurrency_success(&window, limits);
		else if (*event == 'n')
			concurrency_neutral(&window);
		else if (*event == 'f')
			dead = concurrency_failure(&window, limits);
		else if (*event == '!')
			assert_true(was_dead);
		else if (window.size != (uint32_t)(*event - '0'))
			fail_msg("%s: %u after %.*s", why, window.size,
			    (int)(event - story), story);
		else
			dead = was_dead;
		if (was_dead && *event != '!' && !dead)
			fail_msg("%s: dead after %.*s", why,
			    (int)(event - story), story);
	}
}

static void
test_stories(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		tell(cases[i].why, &cases[i].limits, cases[i].story);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_stories),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
