/* SPDX-License-Identifier: MIT */
#include "smtp/outcome.h"

#include "lib/base/clock.h"

enum {
	TEXT_MAXIMUM = 2048 /* bytes of a text or reply line */
};

const struct delivery_result outcome_no_memory = {
    .outcome = DELIVERY_DEFERRED,
    .dsn = {"4.3.0", 5},
    .text = {"too large for one delivery", 26},
    .relay = {"none", 4},
};

static bool
fill(struct pool *pool, struct delivery_result *outcome,
    const struct outcome_place *place, const char *dsn, struct span text)
{
	if (place->relay != NULL &&
	    (!pool_copy_span(pool, span_text(place->relay), &outcome->relay) ||
		!pool_copy_span(
		    pool, span_text(place->name), &outcome->remote)))
		return false;
	if (place->relay == NULL)
		outcome->relay = SPAN("none");
	outcome->uses = place->uses;
	/* Without a connection all the time went into looking for one. */
	outcome->connected =
	    place->relay == NULL ? clock_wall() : place->connected;
	outcome->outcome = dsn[0] == '5' ? DELIVERY_BOUNCED : DELIVERY_DEFERRED;
	return pool_copy_span(pool, span_text(dsn), &outcome->dsn) &&
	    pool_copy_span(pool, text, &outcome->text);
}

static struct delivery_result *
create(struct pool *pool, const struct outcome_place *place, const char *dsn,
    struct span text)
{
	struct delivery_result *outcome = pool_alloc(pool, sizeof *outcome);

	if (outcome == NULL || !fill(pool, outcome, place, dsn, text))
		return NULL;
	return outcome;
}

const struct delivery_result *
outcome_failure(struct pool *pool, const struct outcome_place *place,
    const char *dsn, const char *format, ...)
{
	const struct delivery_result *outcome;
	struct buf text;
	va_list arguments;

	buf_init(&text, TEXT_MAXIMUM);
	va_start(arguments, format);
	buf_vprintf(&text, format, arguments);
	va_end(arguments);
	outcome = create(pool, place, dsn, buf_span(&text));
	buf_finish(&text);
	return outcome == NULL ? &outcome_no_memory : outcome;
}

/* The reply's own status, or one made of its code. What is neither success nor
 * a refusal for ever may be tried again. */
static const char *
status_of(const struct reply *reply, bool is_success, char *text)
{
	struct reply_status status = reply->status;

	if (is_success)
		status.class = 2;
	else
		status.class = reply_is_permanent(reply) ? 5 : 4;
	return reply_format_status(status, text);
}

/* An outcome whose text has the reply in one line: what the host has said, or
 * without an introduction its word that the message was sent. */
static struct delivery_result *
create_of_reply(struct pool *pool, const struct outcome_place *place,
    const struct reply *reply, const char *introduction, const char *end)
{
	char status[REPLY_STATUS_SIZE];
	struct delivery_result *outcome;
	struct span said;
	struct buf text;

	buf_init(&text, TEXT_MAXIMUM);
	if (introduction != NULL)
		buf_printf(&text, "host %s %s", place->where, introduction);
	said.len = text.len;
	reply_append_line(&text, reply);
	said = span_skip(buf_span(&text), said.len);
	if (!pool_copy_span(pool, said, &said))
		said = SPAN_EMPTY;
	buf_append_text(&text, end);
	outcome = create(pool, place,
	    status_of(reply, introduction == NULL, status), buf_span(&text));
	buf_finish(&text);
	if (outcome != NULL)
		outcome->reply = said;
	return outcome;
}

const struct delivery_result *
outcome_refused(struct pool *pool, const struct outcome_place *place,
    const struct reply *reply, const char *command)
{
	const struct delivery_result *outcome;
	char end[64];

	snprintf(end, sizeof end, " (in reply to %s)", command);
	outcome = create_of_reply(pool, place, reply, "said: ", end);
	return outcome == NULL ? &outcome_no_memory : outcome;
}

const struct delivery_result *
outcome_unwelcome(struct pool *pool, const struct outcome_place *place,
    const struct reply *reply)
{
	const struct delivery_result *outcome =
	    create_of_reply(pool, place, reply, "refused to talk to me: ", "");

	return outcome == NULL ? &outcome_no_memory : outcome;
}

const struct delivery_result *
outcome_at_hello(struct pool *pool, const struct delivery_result *failure)
{
	struct delivery_result *outcome = pool_alloc(pool, sizeof *outcome);

	if (outcome == NULL)
		return &outcome_no_memory;
	*outcome = *failure;
	outcome->at_hello = true;
	return outcome;
}

const struct delivery_result *
outcome_sent(struct pool *pool, const struct outcome_place *place,
    const struct reply *reply, enum delivery_outcome kind)
{
	/* A full pool must not turn what was sent into a deferral. */
	static const struct delivery_result sent = {
	    .outcome = DELIVERY_RELAYED,
	    .dsn = {"2.0.0", 5},
	    .text = {"sent", 4},
	    .relay = {"none", 4},
	};
	struct delivery_result *outcome =
	    create_of_reply(pool, place, reply, NULL, "");

	if (outcome == NULL)
		return &sent;
	outcome->outcome = kind;
	return outcome;
}
