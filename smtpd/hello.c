/* SPDX-License-Identifier: MIT */
#include "smtpd/hello.h"

#include <inttypes.h>

#include "lib/daemon/service.h"
#include "lib/param/word_list.h"

#include "smtpd/access.h"
#include "smtpd/starttls.h"

static void
append_size(struct buf *text)
{
	buf_printf(
	    text, "\nSIZE %" PRId64, service_common()->message_size_limit);
}

/* In the order in which Postfix lists them; `append` NULL: the bare keyword. */
static const struct {
	const char *keyword;
	void (*append)(struct buf *text);
} extensions[] = {
    {"PIPELINING", NULL},
    {"SIZE", append_size},
    {"VRFY", NULL},
    {"STARTTLS", NULL},
    {"ENHANCEDSTATUSCODES", NULL},
    {"8BITMIME", NULL},
    {"DSN", NULL},
    {"SMTPUTF8", NULL},
    {"CHUNKING", NULL},
};

bool
hello_offers(const struct session *session, const char *keyword)
{
	const struct smtpd_params *params = session->params;

	if (params->disable_vrfy_command && strcmp(keyword, "VRFY") == 0)
		return false;
	if (!service_common()->smtputf8_enable &&
	    strcmp(keyword, "SMTPUTF8") == 0)
		return false;
	return !word_list_has(
	    span_text(params->smtpd_discard_ehlo_keywords), span_text(keyword));
}

static bool
is_listed(const struct session *session, const char *keyword)
{
	if (strcmp(keyword, "STARTTLS") == 0)
		return starttls_is_offered(session);
	return hello_offers(session, keyword);
}

static bool
greet(struct session *session, const struct command *command)
{
	struct span word;

	if (!command_parse_hello(command->rest, &word)) {
		session_reply(session, 501, NULL, "Syntax: %s hostname",
		    verb_name(command->verb));
		return false;
	}
	if (!access_hello(session, word))
		return false;
	session_reset(session);
	snprintf(session->hello_text, sizeof session->hello_text, "%.*s",
	    SPAN_ARGS(word));
	session->hello = session->hello_text;
	return true;
}

void
hello_helo(struct session *session, const struct command *command)
{
	if (!greet(session, command))
		return;
	session->is_esmtp = false;
	session_reply(session, 250, NULL, "%s", service_common()->myhostname);
}

void
hello_ehlo(struct session *session, const struct command *command)
{
	struct buf text;

	if (!greet(session, command))
		return;
	session->is_esmtp = true;
	buf_init(&text, REPLY_TEXT_SIZE - 1);
	buf_append_text(&text, service_common()->myhostname);
	for (size_t i = 0; i < COUNT_OF(extensions); i++) {
		if (!is_listed(session, extensions[i].keyword))
			continue;
		if (extensions[i].append != NULL)
			extensions[i].append(&text);
		else
			buf_printf(&text, "\n%s", extensions[i].keyword);
	}
	session_reply(session, 250, NULL, "%s", buf_text(&text));
	buf_finish(&text);
}
