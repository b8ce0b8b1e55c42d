/* SPDX-License-Identifier: MIT */
#include "qmgr/inspect/why.h"

#include <sysexits.h>

#include "lib/base/clock.h"
#include "lib/base/memory.h"
#include "lib/loop/loop.h"
#include "lib/loop/offload.h"

#include "qmgr/inspect/why_text.h"
#include "qmgr/params.h"

enum {
	ANSWER_PATIENCE = 60, /* seconds */
	POOL_MAXIMUM = 16 << 20,
	NO_SUCH_MESSAGE = 1
};

struct inquiry {
	struct reach reach;
	struct pool *pool; /* of the texts */
	struct queue_id id;
	struct locator locator;
	uint32_t numbers[WHY_RECIPIENTS];
	struct why why;
	enum stored_result result;
	bool good;
	struct error error;
};

/* ---- the file ---- */

static struct span
keep(struct inquiry *inquiry, struct span text)
{
	struct span copy;

	must(pool_copy_span(inquiry->pool, text, &copy));
	return copy;
}

static void
count_states(struct inquiry *inquiry, const struct stored_slice *slice,
    const struct stored_reason *reasons)
{
	struct why *why = &inquiry->why;

	for (size_t i = 0; i < slice->count; i++) {
		const struct stored_recipient *recipient =
		    &slice->recipients[i];

		if (recipient->state == RECIPIENT_DONE)
			why->delivered++;
		else if (recipient->state == RECIPIENT_BOUNCED)
			why->returned++;
		if (recipient->state != RECIPIENT_TODO ||
		    why->shown == WHY_RECIPIENTS)
			continue;
		inquiry->numbers[why->shown] = recipient->number;
		why->recipients[why->shown++] = (struct why_recipient){
		    .address = keep(inquiry, recipient->address),
		    .reason = keep(inquiry, reasons[i].text),
		};
	}
}

static bool
read_slice(struct inquiry *inquiry, const struct stored *stored,
    struct stored_cursor *cursor, bool *at_end)
{
	struct pool *pool = pool_create(NULL, "slice", POOL_MAXIMUM);
	struct stored_reason *reasons;
	struct stored_slice slice;
	bool good = stored_read_recipients(
	    pool, stored, cursor, &slice, &inquiry->error);

	if (good) {
		*at_end = slice.count == 0;
		reasons = pool_alloc(pool, (slice.count + 1) * sizeof *reasons);
		must(reasons != NULL);
		good = stored_read_reasons(
		    pool, stored, &slice, reasons, &inquiry->error);
		if (good)
			count_states(inquiry, &slice, reasons);
	}
	pool_destroy(pool);
	return good;
}

static void
note_facts(struct inquiry *inquiry, const struct stored *stored)
{
	struct why *why = &inquiry->why;

	why->queue = span_text(locator_queue(&stored->locator));
	why->sender = keep(inquiry, stored->attribute[ATTRIBUTE_SENDER]);
	why->size = stored_size(stored);
	why->arrival = stored->arrival;
	why->recipient_count = stored->recipient_count;
	why->outstanding = stored->outstanding;
	why->attempts = stored->attempts;
	why->last_attempt = stored->last_attempt;
	why->next_attempt = stored->next_attempt;
	why->warned = stored->warned;
	why->forced_expiry = stored->expired;
	why->requeue = stored->requeue;
}

static void
job_read(void *argument)
{
	struct inquiry *inquiry = argument;
	struct stored_cursor cursor = {0};
	const struct stored *stored;
	bool at_end = false;

	inquiry->good = store_find(inquiry->reach.store, &inquiry->id,
	    &inquiry->locator, &inquiry->error);
	if (!inquiry->good && inquiry->error.kind == ERROR_NOT_FOUND)
		inquiry->good = store_find_corrupt(inquiry->reach.store,
		    &inquiry->id, &inquiry->locator, &inquiry->error);
	if (!inquiry->good)
		return;
	stored = stored_open(inquiry->pool, inquiry->reach.store,
	    &inquiry->locator, &inquiry->result, &inquiry->error);
	inquiry->good = stored != NULL;
	if (inquiry->good)
		note_facts(inquiry, stored);
	while (inquiry->good && !at_end)
		inquiry->good = read_slice(inquiry, stored, &cursor, &at_end);
}

/* ---- the parameters ---- */

static void
note_parameters(struct inquiry *inquiry)
{
	struct why *why = &inquiry->why;
	int64_t lifetime = why->sender.len > 0 ? params.maximal_queue_lifetime
					       : params.bounce_queue_lifetime;

	why->expires = why->arrival + lifetime * CLOCK_SECOND;
	/* Nobody is told of the delay of a notice. */
	if (params.delay_warning_time > 0 && why->sender.len > 0)
		why->warns =
		    why->arrival + params.delay_warning_time * CLOCK_SECOND;
	if (why->warns > why->expires)
		why->warns = 0;
	why->queue_run_delay = params.queue_run_delay;
	why->message_limit = params.qmgr_message_active_limit;
	why->recipient_limit = params.qmgr_message_recipient_limit;
}

/* ---- qmgr ---- */

static void
send_question(struct inquiry *inquiry, struct conversation *conversation)
{
	struct message_explain question = {
	    .queue_id = inquiry->why.id, .sender = inquiry->why.sender};
	struct buf list;

	buf_init(&list, FRAME_PAYLOAD_MAXIMUM / 2);
	for (size_t i = 0; i < inquiry->why.shown; i++) {
		struct message_route_recipient record = {
		    .number = inquiry->numbers[i],
		    .address = inquiry->why.recipients[i].address,
		};
		size_t before = list.len;

		if (!message_put_route_recipient(&list, &record))
			buf_shorten(&list, list.len - before);
	}
	question.list = buf_span(&list);
	conversation_send_explain(conversation, &question);
	buf_finish(&list);
}

static void
take_explained(
    struct inquiry *inquiry, const struct message_explained_recipient *record)
{
	for (size_t i = 0; i < inquiry->why.shown; i++) {
		struct why_recipient *recipient = &inquiry->why.recipients[i];

		if (inquiry->numbers[i] != record->number)
			continue;
		recipient->is_explained = true;
		recipient->explained = *record;
		recipient->explained.transport =
		    keep(inquiry, record->transport);
		recipient->explained.next_hop = keep(inquiry, record->next_hop);
		recipient->explained.text = keep(inquiry, record->text);
	}
}

static bool
take_answer(struct inquiry *inquiry, const struct frame *frame)
{
	struct message_explained_recipient record;
	struct message_explanation explanation;
	struct why *why = &inquiry->why;

	if (!message_get_explanation(frame->payload, &explanation))
		return false;
	why->is_running = true;
	why->state = (enum explained_state)explanation.state;
	why->has_room = explanation.has_room;
	why->messages = explanation.messages;
	why->recipients_in_memory = explanation.recipients;
	while (message_take_explained_recipient(&explanation.list, &record))
		take_explained(inquiry, &record);
	return true;
}

static bool
ask_qmgr(struct inquiry *inquiry)
{
	struct conversation *conversation =
	    conversation_open(inquiry->reach.qmgr, &inquiry->error);
	struct frame frame;
	bool good;

	if (conversation == NULL)
		return false;
	send_question(inquiry, conversation);
	good = conversation_expect(conversation, MESSAGE_EXPLANATION,
	    loop_deadline(ANSWER_PATIENCE), &frame, &inquiry->error);
	if (good && !take_answer(inquiry, &frame))
		good = error_set(
		    &inquiry->error, ERROR_INVALID, "unreadable answer");
	conversation_close(conversation);
	return good;
}

/* ---- all of it ---- */

static void
run(void *argument)
{
	struct inquiry *inquiry = argument;

	inquiry->good = reach_open(&inquiry->reach, inquiry->reach.instance,
	    REACH_READ, &inquiry->error);
	if (inquiry->good) {
		offload_run(job_read, inquiry);
		if (inquiry->good && inquiry->reach.qmgr != NULL &&
		    inquiry->locator.place != PLACE_CORRUPT)
			inquiry->good = ask_qmgr(inquiry);
		note_parameters(inquiry);
	}
	reach_close(&inquiry->reach);
}

static int
fail(int status, const char *subject, const char *text)
{
	fprintf(stderr, "postern queue: %s%s%s\n", subject,
	    subject[0] != '\0' ? ": " : "", text);
	return status;
}

static int
print_corrupt(const struct inquiry *inquiry)
{
	printf("%s was set aside in corrupt/: ", inquiry->id.text);
	if (inquiry->good)
		printf("it is sound now, but was not, or whoever read it died."
		       "\n");
	else
		printf("%s.\n", inquiry->error.text);
	printf("\nWhat would change it:\n"
	       "  look at what is left: postcat -q %s\n"
	       "  give it another chance: postsuper -H %s corrupt\n"
	       "  delete it: postsuper -d %s corrupt\n",
	    inquiry->id.text, inquiry->id.text, inquiry->id.text);
	return fflush(stdout) == 0 ? EX_OK : EX_IOERR;
}

static int
print(const struct inquiry *inquiry)
{
	struct buf out;
	bool written;

	if (!inquiry->good && inquiry->error.kind == ERROR_NOT_FOUND)
		return fail(NO_SUCH_MESSAGE, "", inquiry->error.text);
	if (inquiry->locator.place == PLACE_CORRUPT)
		return print_corrupt(inquiry);
	if (!inquiry->good)
		return fail(EX_UNAVAILABLE, "fatal", inquiry->error.text);
	buf_init(&out, WHY_TEXT_MAXIMUM);
	why_text(&inquiry->why, clock_wall(), &out);
	written =
	    fwrite(out.at, out.len, 1, stdout) == 1 && fflush(stdout) == 0;
	buf_finish(&out);
	return written ? EX_OK : fail(EX_IOERR, "fatal", "standard output");
}

/* qmgr's parameters decide; theirs may name each other. */
static bool
load_parameters(
    const struct instance *instance, struct pool *pool, struct error *error)
{
	const struct param_set *sets[] = {
	    instance->sets[0], &qmgr_param_set, NULL};
	struct param_source source = instance->source;

	source.sets = sets;
	return param_load(&qmgr_param_set, &source, &params, pool, error);
}

int
why_main(const struct instance *instance, int count, char **arguments)
{
	struct inquiry *inquiry;
	struct error error;
	int status;

	if (count != 2) {
		fputs("usage: postern queue why queue_id\n", stderr);
		return EX_USAGE;
	}
	inquiry = memory_zero(sizeof *inquiry);
	inquiry->pool = pool_create(NULL, "why", POOL_NO_MAXIMUM);
	inquiry->reach.instance = instance;
	if (!id_parse(span_text(arguments[1]), &inquiry->id)) {
		status = fail(NO_SUCH_MESSAGE, "", "no valid queue id");
	} else if (!load_parameters(instance, inquiry->pool, &error)) {
		status = fail(EX_CONFIG, "fatal", error.text);
	} else {
		inquiry->why.id = span_text(inquiry->id.text);
		instance_run(run, inquiry);
		status = print(inquiry);
	}
	pool_destroy(inquiry->pool);
	free(inquiry);
	return status;
}
