/* SPDX-License-Identifier: MIT */
#include "smtpd/server.h"

#include "lib/daemon/notice_class.h"
#include "lib/daemon/service.h"
#include "lib/log/log.h"

#include "smtpd/tls_server.h"

struct smtpd_params server_calm_params;

static struct server the_server;

static bool
open_networks(const char *parameter, const char *text,
    struct network_list **list, struct error *error)
{
	*list = network_list_open(span_text(text), NULL, error);
	return *list != NULL || error_prefix(error, "%s", parameter);
}

/* What a session can be about. */
static const unsigned session_classes = NOTICE_CLASS_BOUNCE |
    NOTICE_CLASS_DATA | NOTICE_CLASS_POLICY | NOTICE_CLASS_PROTOCOL |
    NOTICE_CLASS_RESOURCE | NOTICE_CLASS_SOFTWARE;

bool
server_open(struct error *error)
{
	const struct smtpd_params *calm = &server_calm_params;
	struct param_source stressed = *service_param_source();

	stressed.stress = true;
	return notice_class_select(
		   session_classes, &the_server.transcript_classes, error) &&
	    param_load(&smtpd_param_set, &stressed, &the_server.stressed,
		service_pool(), error) &&
	    access_open(&the_server.access, service_pool(), calm, error) &&
	    open_networks("mynetworks", service_common()->mynetworks,
		&the_server.mynetworks, error) &&
	    open_networks("smtpd_forbid_bare_newline_exclusions",
		calm->smtpd_forbid_bare_newline_exclusions,
		&the_server.newline_exclusions, error) &&
	    local_clients_open(&the_server.local_clients,
		span_text(calm->local_header_rewrite_clients), error) &&
	    tls_server_open(calm, error);
}

static bool
is_in_list(const char *parameter, const struct network_list *list,
    const struct address *client)
{
	struct error error;
	enum table_result result = network_list_match(list, client, &error);

	if (result == TABLE_TRY_AGAIN)
		log_warning(NULL, "%s: %s", parameter, error.text);
	return result == TABLE_FOUND;
}

bool
server_is_local(const struct address *client)
{
	return is_in_list("mynetworks", the_server.mynetworks, client);
}

bool
server_forgives_newlines(const struct address *client)
{
	return is_in_list("smtpd_forbid_bare_newline_exclusions",
	    the_server.newline_exclusions, client);
}

bool
server_rewrites_header(const struct local_client *client)
{
	struct error error;
	enum table_result result =
	    local_clients_match(&the_server.local_clients, client, &error);

	if (result == TABLE_TRY_AGAIN)
		log_warning(
		    NULL, "local_header_rewrite_clients: %s", error.text);
	return result == TABLE_FOUND;
}

const struct server *
server(void)
{
	return &the_server;
}

const struct smtpd_params *
server_params(void)
{
	return service_under_stress() ? &the_server.stressed
				      : &server_calm_params;
}
