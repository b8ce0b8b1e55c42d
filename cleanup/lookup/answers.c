/* SPDX-License-Identifier: MIT */
#include "cleanup/lookup/answers.h"

#include "lib/daemon/service.h"
#include "lib/log/log.h"

#include "cleanup/lookup/readers.h"

enum {
	ROUTE_POOL = 65536,      /* bytes, for one recipient */
	VALUE_MAXIMUM = 1 << 20, /* bytes that a table may give */
	FIELDS_MAXIMUM = 512, /* bytes of a frame besides its list or value */
	VALUE_PIECE = FRAME_PAYLOAD_MAXIMUM - FIELDS_MAXIMUM
};

static void
send_routes(
    struct conversation *conversation, const struct buf *list, bool last)
{
	struct message_routes routes = {service_generation(), buf_span(list)};
	struct buf payload;

	buf_init(&payload, FRAME_PAYLOAD_MAXIMUM);
	must(message_put_routes(&payload, &routes));
	conversation_send(conversation, MESSAGE_ROUTES, last ? FRAME_LAST : 0,
	    buf_span(&payload));
	buf_finish(&payload);
}

/* Adds a record to the list, which is sent first when it is full. */
static void
add_route(struct conversation *conversation, struct buf *list,
    const struct message_route_found *found)
{
	size_t before = list->len;

	if (message_put_route_found(list, found))
		return;
	buf_shorten(list, list->len - before);
	send_routes(conversation, list, false);
	buf_clear(list);
	must(message_put_route_found(list, found));
}

/* One recipient. */
struct resolving {
	struct pool *pool;
	struct route_query query;
	struct route_answer answer;
	bool is_resolved;
	struct error error;
};

static void
resolve(struct tables *tables, void *argument)
{
	struct resolving *resolving = argument;

	resolving->is_resolved =
	    route_resolve(tables_route(tables), resolving->pool,
		&resolving->query, &resolving->answer, &resolving->error);
}

static void
find_route(struct conversation *conversation, struct buf *list,
    struct span sender, const struct message_route_recipient *recipient)
{
	struct message_route_found found = {.number = recipient->number};
	struct resolving resolving = {
	    .pool = pool_create(NULL, "route", ROUTE_POOL),
	    .query = {sender, recipient->address},
	};
	const struct route_answer *answer = &resolving.answer;

	readers_ask(resolve, &resolving);
	if (resolving.is_resolved) {
		found.result = LOOKUP_FOUND;
		found.class = answer->class;
		found.address = answer->recipient;
		found.transport = answer->transport;
		found.next_hop = answer->next_hop;
	} else {
		log_warning(NULL, "%s", resolving.error.text);
		found.result = LOOKUP_TRY_AGAIN;
		found.text = span_text(resolving.error.text);
	}
	add_route(conversation, list, &found);
	pool_destroy(resolving.pool);
}

void
answers_serve_route(struct conversation *conversation, struct frame *first)
{
	struct message_route question;
	struct message_route_recipient recipient;
	struct buf list;

	if (!message_get_route(first->payload, &question))
		return;
	buf_init(&list, FRAME_PAYLOAD_MAXIMUM - FIELDS_MAXIMUM);
	while (message_take_route_recipient(&question.list, &recipient))
		find_route(conversation, &list, question.sender, &recipient);
	send_routes(conversation, &list, true);
	buf_finish(&list);
}

/* One frame, or several of the same type when the value is long. */
static void
send_value(struct conversation *conversation, struct message_value *answer)
{
	struct span rest = answer->value;
	struct buf payload;

	buf_init(&payload, FRAME_PAYLOAD_MAXIMUM);
	do {
		answer->value = span_head(rest, VALUE_PIECE);
		rest = span_skip(rest, VALUE_PIECE);
		buf_clear(&payload);
		must(message_put_value(&payload, answer));
		conversation_send(conversation, MESSAGE_VALUE,
		    rest.len == 0 ? FRAME_LAST : 0, buf_span(&payload));
	} while (rest.len > 0);
	buf_finish(&payload);
}

/* One question for a value. */
struct asking {
	struct message_lookup question;
	struct buf value;
	enum table_result result;
	struct error error;
};

static void
ask(struct tables *tables, void *argument)
{
	struct asking *asking = argument;

	asking->result = tables_get(tables, asking->question.tables,
	    asking->question.key, &asking->value, &asking->error);
}

void
answers_serve_lookup(struct conversation *conversation, struct frame *first)
{
	struct asking asking = {.error = {.text = ""}};
	struct message_value answer = {.text = SPAN_EMPTY};

	if (!message_get_lookup(first->payload, &asking.question))
		return;
	buf_init(&asking.value, VALUE_MAXIMUM);
	readers_ask(ask, &asking);
	answer.result = asking.result;
	if (asking.result == TABLE_FOUND)
		answer.value = buf_span(&asking.value);
	else if (asking.result == TABLE_TRY_AGAIN) {
		log_warning(NULL, "%s", asking.error.text);
		answer.text = span_text(asking.error.text);
	}
	send_value(conversation, &answer);
	buf_finish(&asking.value);
}
