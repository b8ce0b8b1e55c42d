/* SPDX-License-Identifier: MIT */
#include "lib/base/clock.h"

#include "../../unit.h"
#include "qmgr/inspect/why_text.h"

#define NOW            (INT64_C(1795345209) * CLOCK_SECOND)
#define MINUTES(count) ((count)*INT64_C(60) * CLOCK_SECOND)

static void
test_durations(void **state UNUSED)
{
	static const struct {
		int64_t seconds;
		const char *want;
	} cases[] = {
	    {0, "0 s"},
	    {59, "59 s"},
	    {60, "1 min"},
	    {719, "11 min"},
	    {3600, "1 h"},
	    {3661, "1 h 1 min"},
	    {86400, "1 d"},
	    {5 * 86400 - 1, "4 d 23 h"},
	    {86400 + 60, "1 d"},
	};

	char text[WHY_DURATION_SIZE];

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		why_duration(cases[i].seconds, text);
		assert_string_equal(text, cases[i].want);
	}
}

static struct why
deferred(void)
{
	struct why why = {
	    .id = SPAN("4jXRJQ3HHZz1d0Hr"),
	    .queue = SPAN("deferred"),
	    .sender = SPAN("ann@example.net"),
	    .size = 400,
	    .arrival = NOW - MINUTES(12),
	    .recipient_count = 3,
	    .delivered = 1,
	    .outstanding = 2,
	    .attempts = 2,
	    .last_attempt = NOW - MINUTES(2),
	    .next_attempt = NOW + MINUTES(10),
	    .expires = NOW + MINUTES(60),
	    .shown = 2,
	    .queue_run_delay = 300,
	    .message_limit = 20000,
	    .recipient_limit = 20000,
	    .is_running = true,
	    .has_room = true,
	};

	why.recipients[0] = (struct why_recipient){
	    .address = SPAN("bob@example.com"), .reason = SPAN("no answer")};
	why.recipients[1] = (struct why_recipient){
	    .address = SPAN("cat@example.com"), .reason = SPAN("no answer")};
	return why;
}

static void
explain(struct why *why, enum explained_hold hold)
{
	for (size_t i = 0; i < why->shown; i++) {
		why->recipients[i].is_explained = true;
		why->recipients[i].explained =
		    (struct message_explained_recipient){
			.hold = hold,
			.transport = SPAN("smtp"),
			.next_hop = SPAN("[mx.example]"),
			.until = NOW + MINUTES(3),
			.text = SPAN("it is \x1b[2J dead"),
		    };
	}
}

/* clang-format off */
static const char whole[] =
"4jXRJQ3HHZz1d0Hr is deferred.\n"
"It came from <ann@example.net> at Sun Nov 22 10:48:09 2026 (12 min ago),\n"
"400 bytes, for 3 recipients: 1 delivered, 0 returned, 2 left.\n"
"It was put off 2 times, last at Sun Nov 22 10:58:09 2026 (2 min ago).\n"
"It is deferred until Sun Nov 22 11:10:09 2026 (in 10 min).\n"
"It is returned if not delivered by Sun Nov 22 12:00:09 2026 (in 1 h).\n"
"The sender is not told of the delay.\n"
"\n"
"smtp to [mx.example]:\n"
"  -> this destination is left alone until Sun Nov 22 11:03:09 2026 (in 3 min),\n"
"     because: it is ?[2J dead\n"
"  bob@example.com\n"
"     last: no answer\n"
"  cat@example.com\n"
"\n"
"What would change it:\n"
"  try it now: postqueue -i 4jXRJQ3HHZz1d0Hr\n"
"  return it to the sender: postsuper -e 4jXRJQ3HHZz1d0Hr\n"
"  delete it: postsuper -d 4jXRJQ3HHZz1d0Hr\n";

/* clang-format on */

static void
test_whole(void **state UNUSED)
{
	struct why why = deferred();
	struct buf out;

	explain(&why, HOLD_SUSPENSION);
	buf_init(&out, WHY_TEXT_MAXIMUM);
	why_text(&why, NOW, &out);
	assert_span(buf_span(&out), whole);
	buf_finish(&out);
}

static void
hold(struct why *why)
{
	why->queue = SPAN("hold");
}

static void
stop(struct why *why)
{
	why->is_running = false;
}

static void
fill_memory(struct why *why)
{
	why->next_attempt = NOW - 1;
	why->has_room = false;
	why->messages = 20000;
}

static void
make_due(struct why *why)
{
	why->next_attempt = NOW - 1;
}

static void
activate(struct why *why)
{
	why->state = EXPLAINED_IN_MEMORY;
}

static void
wait_for_window(struct why *why)
{
	activate(why);
	explain(why, HOLD_WINDOW);
	for (size_t i = 0; i < why->shown; i++) {
		why->recipients[i].explained.busy = 5;
		why->recipients[i].explained.limit = 5;
		why->recipients[i].explained.until = 0;
		why->recipients[i].explained.text = SPAN_EMPTY;
	}
}

static void
deliver(struct why *why)
{
	activate(why);
	explain(why, HOLD_DELIVERY);
}

static void
expire(struct why *why)
{
	why->forced_expiry = NOW;
}

static void
requeue(struct why *why)
{
	why->requeue = NOW;
}

static void
warn(struct why *why)
{
	why->warns = NOW + MINUTES(30);
}

static void
show_fewer(struct why *why)
{
	why->shown = 1;
	why->sender = SPAN_EMPTY;
}

static const struct {
	void (*change)(struct why *why);
	const char *has;
	const char *has_not;
} cases[] = {
    {hold, " is on hold", "is deferred until"},
    {hold, "postsuper -H 4jXRJQ3HHZz1d0Hr", "postqueue -i"},
    {hold, "postsuper -f 4jXRJQ3HHZz1d0Hr", "postsuper -e"},
    {stop, "the mail system is down", "postqueue -i"},
    {stop, "postern start", "->"},
    {stop, "\nexample.com:\n  bob@example.com\n", "smtp"},
    {fill_memory,
	"waits for room in memory, where 20000 messages (limit 20000)",
	"postqueue -i"},
    {fill_memory, "qmgr_message_active_limit", "within"},
    {make_due, "looked through next, within 5 min", "room"},
    {activate, " is active.\n", "is deferred until"},
    {wait_for_window, "to end: 5 of 5 busy\n", "until"},
    {wait_for_window, "smtp_destination_concurrency_limit", "postqueue -i"},
    {deliver, "being delivered since", "postqueue -i"},
    {expire, "told to expire and is returned at once", "postsuper -e"},
    {requeue, "queued again under a new id", "is returned if"},
    {warn, "is told of the delay at Sun Nov 22 11:30:09", "is not told"},
    {show_fewer, "\nand 1 more recipients\n", "cat@"},
    {show_fewer, "It came from <> at", "ann@"},
};

static void
test_cases(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct why why = deferred();
		struct buf out;

		cases[i].change(&why);
		buf_init(&out, WHY_TEXT_MAXIMUM);
		why_text(&why, NOW, &out);
		if (strstr(buf_text(&out), cases[i].has) == NULL)
			fail_msg(
			    "no \"%s\" in\n%s", cases[i].has, buf_text(&out));
		if (strstr(buf_text(&out), cases[i].has_not) != NULL)
			fail_msg(
			    "\"%s\" in\n%s", cases[i].has_not, buf_text(&out));
		buf_finish(&out);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_durations),
	    cmocka_unit_test(test_whole),
	    cmocka_unit_test(test_cases),
	};

	setenv("TZ", "UTC", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
