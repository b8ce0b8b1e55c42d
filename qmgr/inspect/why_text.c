/* SPDX-License-Identifier: MIT */
#include "qmgr/inspect/why_text.h"

#include "lib/base/clock.h"
#include "lib/base/text.h"
#include "lib/mail/date.h"

enum {
	MINUTE = 60,
	HOUR = 60 * MINUTE,
	DAY = 24 * HOUR
};

void
why_duration(int64_t seconds, char text[WHY_DURATION_SIZE])
{
	static const struct {
		int64_t seconds;
		const char *name;
	} units[] = {{DAY, "d"}, {HOUR, "h"}, {MINUTE, "min"}, {1, "s"}};

	size_t unit = 0;
	int64_t rest;

	while (unit + 1 < COUNT_OF(units) && seconds < units[unit].seconds)
		unit++;
	rest = seconds % units[unit].seconds;
	/* Of days and hours the next unit matters, of minutes it does not. */
	if (unit < 2 && rest >= units[unit + 1].seconds)
		snprintf(text, WHY_DURATION_SIZE, "%lld %s %lld %s",
		    (long long)(seconds / units[unit].seconds),
		    units[unit].name,
		    (long long)(rest / units[unit + 1].seconds),
		    units[unit + 1].name);
	else
		snprintf(text, WHY_DURATION_SIZE, "%lld %s",
		    (long long)(seconds / units[unit].seconds),
		    units[unit].name);
}

/* "Sat Nov 28 16:13:49 2026 (12 min ago)" */
static void
append_time(struct buf *out, int64_t time, int64_t now)
{
	bool is_past = time <= now;
	int64_t seconds = (is_past ? now - time : time - now) / CLOCK_SECOND;
	char date[DATE_TEXT_SIZE], duration[WHY_DURATION_SIZE];

	why_duration(seconds, duration);
	buf_printf(out, "%s (%s%s%s)", date_format_mbox(time, date),
	    is_past ? "" : "in ", duration, is_past ? " ago" : "");
}

static const char *
plural(uint64_t count)
{
	return count == 1 ? "" : "s";
}

/* ---- the message ---- */

static void
append_state(const struct why *why, struct buf *out)
{
	buf_printf(out, "%.*s is ", SPAN_ARGS(why->id));
	if (span_equal(why->queue, SPAN("hold")))
		buf_append_text(out,
		    "on hold: it is not tried until somebody releases it.\n");
	else if (!why->is_running)
		buf_printf(out,
		    "%.*s; the mail system is down, so nothing is tried.\n",
		    SPAN_ARGS(why->queue));
	else if (why->state == EXPLAINED_IN_MEMORY)
		buf_append_text(out, "active.\n");
	else if (why->state == EXPLAINED_ENDING)
		buf_append_text(out,
		    "active: what was tried is over and being recorded.\n");
	else if (why->state == EXPLAINED_BEING_READ)
		buf_append_text(out, "just being read or changed.\n");
	else
		buf_printf(out, "%.*s.\n", SPAN_ARGS(why->queue));
}

static void
append_origin(const struct why *why, int64_t now, struct buf *out)
{
	buf_append_text(out, "It came from <");
	text_append_printable(out, why->sender);
	buf_append_text(out, "> at ");
	append_time(out, why->arrival, now);
	buf_printf(out,
	    ",\n%llu bytes, for %u recipient%s: %u delivered, "
	    "%u returned, %u left.\n",
	    (unsigned long long)why->size, why->recipient_count,
	    plural(why->recipient_count), why->delivered, why->returned,
	    why->outstanding);
	if (why->attempts == 0)
		return;
	buf_printf(out, "It was put off %u time%s, last at ", why->attempts,
	    plural(why->attempts));
	append_time(out, why->last_attempt, now);
	buf_append_text(out, ".\n");
}

static bool
is_on_hold(const struct why *why)
{
	return span_equal(why->queue, SPAN("hold"));
}

static bool
is_due(const struct why *why, int64_t now)
{
	return why->next_attempt <= now ||
	    span_equal(why->queue, SPAN("incoming"));
}

/* When it goes into memory: the answer for all that is not there. */
static void
append_attempt(const struct why *why, int64_t now, struct buf *out)
{
	char duration[WHY_DURATION_SIZE];

	if (is_on_hold(why) ||
	    (why->is_running && why->state != EXPLAINED_ON_DISK))
		return;
	why_duration(why->queue_run_delay, duration);
	if (!is_due(why, now)) {
		buf_append_text(out, "It is deferred until ");
		append_time(out, why->next_attempt, now);
		buf_append_text(out, ".\n");
	} else if (!why->is_running) {
		buf_append_text(
		    out, "It is due and will be tried after the start.\n");
	} else if (!why->has_room) {
		buf_printf(out,
		    "It is due and waits for room in memory, where %llu "
		    "messages (limit %lld)\nand %llu recipients (limit %lld) "
		    "are.\n",
		    (unsigned long long)why->messages,
		    (long long)why->message_limit,
		    (unsigned long long)why->recipients_in_memory,
		    (long long)why->recipient_limit);
	} else {
		buf_printf(out,
		    "It is due and will be read when the queue is looked "
		    "through next, within %s.\n",
		    duration);
	}
}

static void
append_end(const struct why *why, int64_t now, struct buf *out)
{
	if (why->requeue != 0)
		buf_append_text(
		    out, "It is to be queued again under a new id.\n");
	if (why->forced_expiry != 0)
		buf_printf(out, "It was told to expire and is returned %s.\n",
		    is_on_hold(why) ? "when it is released" : "at once");
	else if (why->expires <= now)
		buf_append_text(out,
		    "It is too old: if the next attempt fails it is "
		    "returned.\n");
	if (why->forced_expiry != 0 || why->requeue != 0)
		return;
	if (why->expires > now) {
		buf_append_text(out, "It is returned if not delivered by ");
		append_time(out, why->expires, now);
		buf_append_text(out, ".\n");
	}
	if (why->warned != 0 || why->warns != 0) {
		buf_printf(out, "The sender %s of the delay at ",
		    why->warned != 0 ? "was told" : "is told");
		append_time(
		    out, why->warned != 0 ? why->warned : why->warns, now);
		buf_append_text(out, ".\n");
	} else {
		buf_append_text(out, "The sender is not told of the delay.\n");
	}
}

/* ---- recipients ---- */

static void
append_hold(const struct message_explained_recipient *hold, int64_t now,
    struct buf *out)
{
	static const char *const sentences[] = {
	    [HOLD_NOTHING] = NULL,
	    [HOLD_UNREAD] = "waiting for recipients before them to be done",
	    [HOLD_DELIVERY] = "being delivered",
	    [HOLD_TURN] = "waiting for their turn, others are before them",
	    [HOLD_SLOT] = "waiting for a slot of the transport",
	    [HOLD_SHARE] =
		"waiting for a slot, the last ones are kept for fresh "
		"mail",
	    [HOLD_WINDOW] = "waiting for deliveries to this destination to end",
	    [HOLD_DESTINATION_DELAY] =
		"waiting for the destination's rate delay",
	    [HOLD_TRANSPORT_DELAY] = "waiting for the transport's rate delay",
	    [HOLD_SUSPENSION] = "this destination is left alone",
	    [HOLD_NO_AGENT] = "no process has come to deliver by this "
			      "transport; it is left alone",
	    [HOLD_NO_TRANSPORT] = "there is no way to go",
	};

	if (hold->hold >= COUNT_OF(sentences) || sentences[hold->hold] == NULL)
		return;
	buf_printf(out, "  -> %s", sentences[hold->hold]);
	if (hold->limit > 0)
		buf_printf(out, ": %u of %u busy", hold->busy, hold->limit);
	else if (hold->hold == HOLD_SLOT)
		buf_append_text(out, ": no process has come yet");
	if (hold->until != 0) {
		buf_append_text(
		    out, hold->hold == HOLD_DELIVERY ? " since " : " until ");
		append_time(out, (int64_t)hold->until, now);
	}
	if (hold->text.len > 0) {
		buf_append_text(out, ",\n     because: ");
		text_append_printable(out, hold->text);
	}
	buf_append_byte(out, '\n');
}

static struct span
domain_of(struct span address)
{
	size_t at = span_find_last(address, '@');

	return at < address.len ? span_skip(address, at + 1) : address;
}

/* Whether both go the same way and are held by the same. */
static bool
is_same_group(const struct why_recipient *a, const struct why_recipient *b)
{
	if (a->is_explained != b->is_explained)
		return false;
	if (!a->is_explained)
		return span_equal_fold(
		    domain_of(a->address), domain_of(b->address));
	return span_equal(a->explained.transport, b->explained.transport) &&
	    span_equal(a->explained.next_hop, b->explained.next_hop) &&
	    a->explained.hold == b->explained.hold;
}

static void
append_way(const struct why_recipient *recipient, struct buf *out)
{
	const struct message_explained_recipient *explained =
	    &recipient->explained;

	buf_append_byte(out, '\n');
	if (!recipient->is_explained || explained->transport.len == 0) {
		text_append_printable(out, domain_of(recipient->address));
	} else {
		text_append_printable(out, explained->transport);
		buf_append_text(out, " to ");
		text_append_printable(out,
		    explained->next_hop.len > 0
			? explained->next_hop
			: domain_of(recipient->address));
	}
	buf_append_text(out, ":\n");
}

static void
append_group(const struct why *why, size_t first, int64_t now, struct buf *out)
{
	const struct why_recipient *head = &why->recipients[first];
	struct span reason = SPAN_EMPTY;

	append_way(head, out);
	if (head->is_explained)
		append_hold(&head->explained, now, out);
	for (size_t i = first; i < why->shown; i++) {
		const struct why_recipient *recipient = &why->recipients[i];

		if (!is_same_group(head, recipient))
			continue;
		buf_append_text(out, "  ");
		text_append_printable(out, recipient->address);
		buf_append_byte(out, '\n');
		if (recipient->reason.len == 0 ||
		    span_equal(recipient->reason, reason))
			continue;
		reason = recipient->reason;
		buf_append_text(out, "     last: ");
		text_append_printable(out, reason);
		buf_append_byte(out, '\n');
	}
}

static bool
is_first_of_group(const struct why *why, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (is_same_group(&why->recipients[i], &why->recipients[at]))
			return false;
	return true;
}

static void
append_recipients(const struct why *why, int64_t now, struct buf *out)
{
	for (size_t i = 0; i < why->shown; i++)
		if (is_first_of_group(why, i))
			append_group(why, i, now, out);
	if (why->outstanding > why->shown)
		buf_printf(out, "\nand %zu more recipients\n",
		    why->outstanding - why->shown);
}

/* ---- what would change it ---- */

static void
append_limit_advice(
    const struct message_explained_recipient *hold, struct buf *out)
{
	static const struct {
		enum explained_hold hold;
		const char *advice;
		const char *suffix; /* of the parameter, behind the transport */
	} advices[] = {
	    {HOLD_WINDOW, "more at a time: ",
		"_destination_concurrency_limit in main.cf"},
	    {HOLD_SLOT, "more processes: the line of ", " in master.cf"},
	    {HOLD_SHARE, "more processes: the line of ", " in master.cf"},
	    {HOLD_DESTINATION_DELAY,
		"less delay: ", "_destination_rate_delay in main.cf"},
	    {HOLD_TRANSPORT_DELAY,
		"less delay: ", "_transport_rate_delay in main.cf"},
	};

	for (size_t i = 0; i < COUNT_OF(advices); i++)
		if (advices[i].hold == hold->hold)
			buf_printf(out, "  %s%.*s%s\n", advices[i].advice,
			    SPAN_ARGS(hold->transport), advices[i].suffix);
}

static void
append_advice(const struct why *why, int64_t now, struct buf *out)
{
	const struct why_recipient *first = &why->recipients[0];

	buf_append_text(out, "\nWhat would change it:\n");
	if (!why->is_running)
		buf_append_text(
		    out, "  start the mail system: postern start\n");
	if (is_on_hold(why))
		buf_printf(out, "  release it: postsuper -H %.*s\n",
		    SPAN_ARGS(why->id));
	else if (why->is_running && why->state == EXPLAINED_ON_DISK &&
	    !why->has_room && is_due(why, now))
		buf_append_text(out,
		    "  more room: qmgr_message_active_limit and "
		    "qmgr_message_recipient_limit in main.cf\n");
	else if (why->is_running && why->state == EXPLAINED_ON_DISK)
		buf_printf(out, "  try it now: postqueue -i %.*s\n",
		    SPAN_ARGS(why->id));
	if (why->shown > 0 && first->is_explained)
		append_limit_advice(&first->explained, out);
	if (why->forced_expiry == 0)
		buf_printf(out,
		    "  return it to the sender: postsuper -%c %.*s\n",
		    is_on_hold(why) ? 'f' : 'e', SPAN_ARGS(why->id));
	buf_printf(out, "  delete it: postsuper -d %.*s\n", SPAN_ARGS(why->id));
}

void
why_text(const struct why *why, int64_t now, struct buf *out)
{
	append_state(why, out);
	append_origin(why, now, out);
	append_attempt(why, now, out);
	append_end(why, now, out);
	append_recipients(why, now, out);
	append_advice(why, now, out);
}
