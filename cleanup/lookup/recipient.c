/* SPDX-License-Identifier: MIT */
#include "cleanup/lookup/recipient.h"

#include "lib/log/log.h"

#include "cleanup/lookup/readers.h"

enum {
	RECIPIENT_POOL = 65536 /* bytes: a route and its texts */
};

/* One question. */
struct check {
	struct pool *pool;
	struct route_query query;
	struct route_answer answer;
	enum table_result result;
	struct error error;
};

static void
ask_known(struct tables *tables, void *argument)
{
	struct check *check = argument;

	check->result = route_recipient_known(
	    tables_route(tables), &check->answer, &check->error);
}

static void
ask_route(struct tables *tables, void *argument)
{
	struct check *check = argument;

	check->result = route_resolve(tables_route(tables), check->pool,
			    &check->query, &check->answer, &check->error)
	    ? TABLE_FOUND
	    : TABLE_TRY_AGAIN;
}

static void
resolve(struct check *check)
{
	readers_ask(ask_route, check);
	if (check->result == TABLE_TRY_AGAIN)
		return;
	/* Only local recipients are looked for in the user database, which may
	 * block. */
	if (check->answer.class == ROUTE_LOCAL)
		readers_run(ask_known, check);
	else
		readers_ask(ask_known, check);
}

/* The class as far as accepting goes: a recipient that says itself where mail
 * shall go from here gives no right to send it there. */
static enum route_class
accepting_class(const struct route_answer *answer)
{
	return answer->is_routed ? ROUTE_DEFAULT : answer->class;
}

static void
answer_check(struct conversation *conversation, const struct check *check)
{
	struct message_recipient_known known = {
	    .class = accepting_class(&check->answer),
	    .result = check->result,
	};

	if (check->result == TABLE_TRY_AGAIN) {
		log_warning(NULL, "%s", check->error.text);
		known.text = span_text(check->error.text);
	} else if (check->result == TABLE_NOT_FOUND &&
	    span_equal(check->answer.transport, SPAN("error"))) {
		known.text = check->answer.next_hop;
	}
	conversation_send_recipient_known(conversation, &known);
}

void
recipient_serve(struct conversation *conversation, struct frame *first)
{
	struct message_check_recipient question;
	struct check check = {.error = {.text = ""}};

	if (!message_get_check_recipient(first->payload, &question))
		return;
	check.pool = pool_create(NULL, "recipient", RECIPIENT_POOL);
	check.query = (struct route_query){question.sender, question.recipient};
	/* RFC 5321 section 4.5.1: whoever runs this system. */
	if (span_equal_fold(question.recipient, SPAN("postmaster"))) {
		check.answer.class = ROUTE_LOCAL;
		check.result = TABLE_FOUND;
	} else {
		resolve(&check);
	}
	answer_check(conversation, &check);
	pool_destroy(check.pool);
}
