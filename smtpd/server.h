/* SPDX-License-Identifier: MIT */
/* What all sessions of the process share: the parameters, with and without
 * stress, and what they name, parsed once at the start. */
#ifndef SMTPD_SERVER_H
#define SMTPD_SERVER_H

#include "lib/net/address.h"
#include "lib/route/network_list.h"

#include "smtpd/access.h"
#include "smtpd/local_clients.h"
#include "smtpd/params.h"

/* Filled by the service skeleton, without stress. */
extern struct smtpd_params server_calm_params;

struct server {
	struct smtpd_params stressed;
	struct network_list *mynetworks;
	struct network_list *newline_exclusions;
	struct access_lists access;
	struct local_clients local_clients;
	unsigned transcript_classes; /* of those in notify_classes */
};

/* Loads everything into the process's server; false stops the start. */
bool server_open(struct error *error) MUST_USE;

/* Valid from server_open on. */
const struct server *server(void);

/* Whether the client may relay (mynetworks), or has its bare newlines made
 * whole. A list that cannot tell is logged and says no. */
bool server_is_local(const struct address *client);
bool server_forgives_newlines(const struct address *client);

/* Whether the header of his mail is completed like that of local users. */
bool server_rewrites_header(const struct local_client *client);

/* The parameters for a session that begins now. */
const struct smtpd_params *server_params(void);

#endif
