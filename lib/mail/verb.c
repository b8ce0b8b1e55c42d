/* SPDX-License-Identifier: MIT */
#include "lib/mail/verb.h"

static const char *const verb_names[VERB_COUNT] = {
    [VERB_HELO] = "HELO",
    [VERB_EHLO] = "EHLO",
    [VERB_LHLO] = "LHLO",
    [VERB_XCLIENT] = "XCLIENT",
    [VERB_XFORWARD] = "XFORWARD",
    [VERB_STARTTLS] = "STARTTLS",
    [VERB_AUTH] = "AUTH",
    [VERB_MAIL] = "MAIL",
    [VERB_RCPT] = "RCPT",
    [VERB_DATA] = "DATA",
    [VERB_BDAT] = "BDAT",
    [VERB_RSET] = "RSET",
    [VERB_NOOP] = "NOOP",
    [VERB_VRFY] = "VRFY",
    [VERB_EXPN] = "EXPN",
    [VERB_ETRN] = "ETRN",
    [VERB_QUIT] = "QUIT",
    [VERB_HELP] = "HELP",
    [VERB_UNKNOWN] = "UNKNOWN",
};

const char *
verb_name(enum verb verb)
{
	return verb_names[verb];
}

enum verb
verb_find(struct span name)
{
	enum verb verb = 0;

	while (verb < VERB_UNKNOWN &&
	    !span_equal_fold(name, span_text(verb_names[verb])))
		verb++;
	return verb;
}
