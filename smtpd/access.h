/* SPDX-License-Identifier: MIT */
/* Restrictions: what smtpd_*_restrictions list. Each name is a row of one table
 * (access_check.c); a list is parsed once at the start and walked at each
 * command. */
#ifndef SMTPD_ACCESS_H
#define SMTPD_ACCESS_H

#include "lib/base/error.h"
#include "lib/base/pool.h"
#include "lib/mail/command.h"

struct access_rule;
struct session;
struct smtpd_params;

struct access_list {
	const struct access_rule *rules;
	size_t count;
};

struct access_lists {
	struct access_list client;
	struct access_list hello;
	struct access_list sender;
	struct access_list relay;
	struct access_list recipient;
	struct access_list data;
	struct access_list end_of_data;
};

/* Parses all lists. Fails on a name that is unknown or not supported, and when
 * neither the relay nor the recipient list ever refuses a destination that is
 * not ours: that would be an open relay. */
bool access_open(struct access_lists *lists, struct pool *pool,
    const struct smtpd_params *params, struct error *error) MUST_USE;

/* Each applies what belongs to its command, with smtpd_delay_reject in mind.
 * False: the command was refused, the reply is sent and logged. */
bool access_client(struct session *session) MUST_USE;
bool access_hello(struct session *session, struct span name) MUST_USE;
bool access_sender(struct session *session, struct span sender) MUST_USE;
bool access_recipient(struct session *session, struct span recipient) MUST_USE;
bool access_data(struct session *session, enum verb verb) MUST_USE;
bool access_end_of_data(struct session *session) MUST_USE;

/* Logs a refusal that a handler has decided itself. `what` is the reply as
 * sent; sender and recipient may be empty. */
struct reply;
void access_log_reject(struct session *session, const char *action,
    const char *state, const struct reply *reply, struct span recipient);

#endif
