/* SPDX-License-Identifier: MIT */
#include "smtp/hello.h"

#include "lib/base/number.h"
#include "lib/daemon/service.h"
#include "lib/log/log.h"
#include "lib/param/word_list.h"

#include "smtp/client.h"
#include "smtp/postmaster.h"
#include "smtp/starttls.h"

enum {
	SMTP_PORT = 25
};

static void
take_size(struct session *session, struct span value)
{
	if (!number_parse(value, UINT64_MAX, &session->size_limit))
		session->size_limit = 0;
}

static const struct {
	struct span keyword;
	enum session_feature feature;
	void (*take)(struct session *session, struct span value);
} features[] = {
    {{"PIPELINING", 10}, FEATURE_PIPELINING, NULL},
    {{"SIZE", 4}, FEATURE_SIZE, take_size},
    {{"8BITMIME", 8}, FEATURE_8BITMIME, NULL},
    {{"DSN", 3}, FEATURE_DSN, NULL},
    {{"SMTPUTF8", 8}, FEATURE_SMTPUTF8, NULL},
    {{"STARTTLS", 8}, FEATURE_STARTTLS, NULL},
};

void
hello_take_feature(
    struct session *session, struct span line, struct span discard)
{
	struct span keyword;

	if (!span_take_word(&line, " \t", &keyword) ||
	    word_list_has(discard, keyword))
		return;
	for (size_t i = 0; i < COUNT_OF(features); i++) {
		if (!span_equal_fold(keyword, features[i].keyword))
			continue;
		session->features |= (unsigned)features[i].feature;
		if (features[i].take != NULL)
			features[i].take(session, span_trim(line));
	}
}

/* The answer to EHLO while it comes in. */
struct answer {
	struct session *session;
	bool is_first;
	bool has_our_name;
};

/* The first line has the server's name, the others one keyword each. */
static void
take_line(void *owner, struct span text)
{
	struct answer *answer = owner;
	struct span name;

	if (!answer->is_first) {
		hello_take_feature(answer->session, text,
		    span_text(client()->params.discard_hello_keywords));
		return;
	}
	answer->is_first = false;
	answer->has_our_name = span_take_word(&text, " \t", &name) &&
	    span_equal_fold(name, span_text(service_common()->myhostname));
}

struct greeting {
	bool is_first;
	bool has_esmtp;
};

static void
take_greeting_line(void *owner, struct span text)
{
	struct greeting *greeting = owner;
	struct span word;

	if (greeting->is_first)
		while (span_take_word(&text, " \t", &word))
			if (span_equal_fold(word, SPAN("ESMTP")))
				greeting->has_esmtp = true;
	greeting->is_first = false;
}

/* The server does not want to talk. Whether that is for ever is a parameter. */
static const struct delivery_result *
unwelcome(struct session *session, struct pool *pool, struct reply *reply)
{
	struct outcome_place place = session_place(session);

	postmaster_note_reply(session, reply);
	if (reply_is_permanent(reply) && client()->params.skip_5xx_greeting) {
		reply->code = (uint16_t)(reply->code - 100);
		if (reply->status.class == 5)
			reply->status.class = 4;
	}
	return outcome_unwelcome(pool, &place, reply);
}

static const struct delivery_result *
read_greeting(
    struct session *session, struct pool *pool, struct greeting *greeting)
{
	struct session_lines lines = {take_greeting_line, greeting};
	struct reply reply;
	struct error error;

	if (!session_read_lines(
		session, client()->params.helo_timeout, &lines, &reply, &error))
		return session_failure(session, pool, &error,
		    "receiving the initial server greeting");
	return reply_is_positive(&reply) ? NULL
					 : unwelcome(session, pool, &reply);
}

/* Mail exchangers that call themselves as we do are ourselves. */
static const struct delivery_result *
looping(struct session *session, struct pool *pool, const struct server *server)
{
	struct outcome_place place = session_place(session);

	log_warning(NULL,
	    "host %s replied to HELO/EHLO with my own hostname %s",
	    session->where, service_common()->myhostname);
	session->is_broken = true;
	return outcome_failure(pool, &place,
	    server->is_best ? "5.4.6" : "4.4.6",
	    "mail for %s loops back to myself", session->name);
}

/* Sends `verb`; *done tells whether the server took it. */
static const struct delivery_result *
say(struct session *session, struct pool *pool, const char *verb,
    struct answer *answer, struct reply *reply)
{
	struct session_lines lines = {take_line, answer};
	struct error error;
	char doing[64];

	snprintf(doing, sizeof doing, "performing the %s handshake", verb);
	*answer = (struct answer){.session = session, .is_first = true};
	if (!session_command(
		session, &error, "%s %s", verb, client()->params.helo_name) ||
	    !session_read_lines(
		session, client()->params.helo_timeout, &lines, reply, &error))
		return session_failure(session, pool, &error, doing);
	return NULL;
}

static const struct delivery_result *
say_hello(struct session *session, struct pool *pool, bool extended,
    struct answer *answer)
{
	const char *verb = client()->is_lmtp ? "LHLO" : "EHLO";
	const struct delivery_result *failure = NULL;
	struct outcome_place place = session_place(session);
	struct reply reply;
	char command[32];

	if (extended)
		failure = say(session, pool, verb, answer, &reply);
	/* RFC 5321 3.2: an old server refuses EHLO for good. */
	if (!extended ||
	    (failure == NULL && !client()->is_lmtp &&
		reply_is_permanent(&reply))) {
		verb = "HELO";
		failure = say(session, pool, verb, answer, &reply);
		session->features = 0;
	}
	if (failure != NULL || reply_is_positive(&reply))
		return failure;
	postmaster_note_reply(session, &reply);
	snprintf(command, sizeof command, "%s command", verb);
	return outcome_refused(pool, &place, &reply, command);
}

/* Greeting and hello. */
static const struct delivery_result *
introduce(
    struct session *session, struct pool *pool, const struct server *server)
{
	const struct client_params *params = &client()->params;
	struct greeting greeting = {.is_first = true};
	const struct delivery_result *failure =
	    read_greeting(session, pool, &greeting);
	struct answer answer;

	if (failure != NULL)
		return failure;
	failure = say_hello(session, pool,
	    client()->is_lmtp ||
		((params->smtp_always_send_ehlo || greeting.has_esmtp) &&
		    !params->smtp_never_send_ehlo),
	    &answer);
	if (failure == NULL && answer.has_our_name && !client()->is_lmtp &&
	    address_port(&session->address) == SMTP_PORT)
		failure = looping(session, pool, server);
	return failure;
}

static const struct delivery_result *
exchange(struct session *session, struct pool *pool,
    const struct server *server, const struct tls_goal *goal)
{
	const struct delivery_result *failure = NULL;
	struct answer answer;
	bool begun = false;

	if (client()->params.tls_wrappermode && goal->level != TLS_LEVEL_NONE)
		failure = starttls_wrap(session, pool, goal);
	if (failure == NULL)
		failure = introduce(session, pool, server);
	if (failure == NULL)
		failure = starttls_begin(session, pool, goal, &begun);
	if (failure == NULL && begun)
		failure = say_hello(session, pool, true, &answer);
	return failure;
}

const struct delivery_result *
hello_exchange(struct session *session, struct pool *pool,
    const struct server *server, const struct tls_goal *goal)
{
	const struct delivery_result *failure =
	    exchange(session, pool, server, goal);

	return failure == NULL ? NULL : outcome_at_hello(pool, failure);
}
