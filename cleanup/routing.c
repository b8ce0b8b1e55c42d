/* SPDX-License-Identifier: MIT */
#include "cleanup/routing.h"

#include "lib/daemon/service.h"
#include "lib/log/log.h"
#include "lib/loop/loop.h"
#include "lib/mail/mail_address.h"
#include "lib/route/address_complete.h"

#include "cleanup/params.h"

/* The process routes by one configuration, so its state is one static object.
 */
static struct {
	struct route_params params;
	struct table_options options;
	struct route *route;
	struct content_checks checks;
	struct loop_timer check;
	size_t closed; /* tables that do not open */
	bool is_stale; /* a table has changed and could not be opened anew */
} routing;

enum {
	/* Milliseconds that a table's server may take: all sessions wait. */
	SERVER_TIMEOUT = 1000
};

static struct route_source
source(void)
{
	return (struct route_source){
	    .common = service_common(),
	    .params = &routing.params,
	    .host = &host_system,
	    .options = &routing.options,
	};
}

static struct route *
open_route(struct error *error)
{
	struct route_source from = source();

	return route_open(&from, error);
}

static bool
open_checks(struct content_checks *checks, struct error *error)
{
	return content_checks_open(checks,
	    &(struct content_checks_source){
		.names = {"header_checks", "mime_header_checks",
		    "nested_header_checks", "body_checks"},
		.texts = {cleanup_params.header_checks,
		    cleanup_params.mime_header_checks,
		    cleanup_params.nested_header_checks,
		    cleanup_params.body_checks},
		.default_type = service_common()->default_database_type,
		.options = &routing.options,
	    },
	    error);
}

static bool
open_both(
    struct route **route, struct content_checks *checks, struct error *error)
{
	*route = open_route(error);
	if (*route == NULL)
		return false;
	if (open_checks(checks, error))
		return true;
	route_close(*route);
	return false;
}

/* Tables that do not open may not become more than `closed_maximum`; what else
 * is wrong with them is said in the log. */
static bool
open_all(size_t closed_maximum, struct route **route,
    struct content_checks *checks, struct error *error)
{
	struct warnings warnings;
	size_t closed = 0;
	bool opened;

	warnings_init(&warnings);
	routing.options.warnings = &warnings;
	routing.options.closed = &closed;
	opened = open_both(route, checks, error);
	routing.options.warnings = NULL;
	routing.options.closed = NULL;
	if (opened && closed > closed_maximum) {
		content_checks_close(checks);
		route_close(*route);
		opened = error_set(error, ERROR_TEMPORARY, "%s",
		    warnings.count > 0 ? warnings.text[0]
				       : "it cannot be opened");
	}
	for (size_t i = 0; i < warnings.count && opened; i++)
		log_warning(NULL, "%s", warnings.text[i]);
	if (opened)
		routing.closed = closed;
	warnings_finish(&warnings);
	return opened;
}

struct content_checks *
routing_checks(void)
{
	for (enum check_kind i = 0; i < CHECK_KINDS; i++)
		if (content_checks_have(&routing.checks, i))
			return &routing.checks;
	return NULL;
}

/* A table that is not there yet must not keep mail from coming in: what needs
 * it is deferred. An instance that belongs to one user has users of its own. */
static void
set_options(void)
{
	const struct common_params *common = service_common();

	routing.options.open_later = true;
	routing.options.timeout = SERVER_TIMEOUT;
	if (common->mail_owner[0] != '\0')
		return;
	routing.options.passwd_path =
	    pool_printf(service_pool(), "%s/passwd", common->config_directory);
	must(routing.options.passwd_path != NULL);
}

bool
routing_open(struct error *error)
{
	if (!param_load(&route_param_set, service_param_source(),
		&routing.params, service_pool(), error))
		return false;
	set_options();
	return open_all(SIZE_MAX, &routing.route, &routing.checks, error);
}

void
routing_need_files(void)
{
	struct route_source from = source();
	const char *const checks[] = {cleanup_params.header_checks,
	    cleanup_params.mime_header_checks,
	    cleanup_params.nested_header_checks, cleanup_params.body_checks};

	route_each_value(&from, sandbox_allow_tables);
	for (size_t i = 0; i < COUNT_OF(checks); i++)
		sandbox_allow_tables(checks[i]);
}

static void
reopen(const char *name)
{
	struct error error;
	struct content_checks checks;
	struct route *fresh;

	if (!open_all(routing.closed, &fresh, &checks, &error)) {
		if (!routing.is_stale)
			log_error(NULL,
			    "table %s has changed, the old one "
			    "stays in use: %s",
			    name, error.text);
		routing.is_stale = true;
		return;
	}
	log_info(NULL, "table %s has changed, opened anew", name);
	route_close(routing.route);
	content_checks_close(&routing.checks);
	routing.route = fresh;
	routing.checks = checks;
	routing.is_stale = false;
}

static void
check_tables(struct loop_timer *timer)
{
	const char *name;

	if (route_has_changed(routing.route, &name) ||
	    content_checks_have_changed(&routing.checks, &name))
		reopen(name);
	loop_timer_start(timer,
	    loop_deadline(service_common()->table_check_interval), check_tables,
	    NULL);
}

void
routing_begin(void)
{
	check_tables(&routing.check);
}

bool
routing_complete(struct pool *pool, struct span address, struct span *complete)
{
	struct buf text;
	bool kept;

	buf_init(&text, MAIL_ADDRESS_MAXIMUM);
	kept = address_complete(service_common(), address, &text) &&
	    pool_copy_span(pool, buf_span(&text), complete);
	buf_finish(&text);
	return kept;
}

bool
routing_rewrite(struct pool *pool, enum route_place place, struct span address,
    struct span *out, struct error *error)
{
	return route_rewrite(routing.route, pool, place, address, out, error);
}

bool
routing_rewrites_header(void)
{
	return route_rewrites(routing.route, ROUTE_HEADER_SENDER) ||
	    route_rewrites(routing.route, ROUTE_HEADER_RECIPIENT);
}

bool
routing_find_copy(struct pool *pool, enum route_copy whose, struct span address,
    struct span *copy, struct error *error)
{
	return route_find_copy(
	    routing.route, pool, whose, address, copy, error);
}

bool
routing_expand(struct pool *pool, struct span recipient,
    struct route_expansion *expansion, struct error *error)
{
	if (service_common()->virtual_alias_maps[0] != '\0')
		return route_expand_virtual(
		    routing.route, pool, recipient, expansion, error);
	expansion->count = 1;
	expansion->recipients = pool_alloc(pool, sizeof recipient);
	if (expansion->recipients == NULL)
		return error_set(error, ERROR_LIMIT, "too many recipients");
	expansion->recipients[0] = recipient;
	return true;
}

bool
routing_resolve(struct pool *pool, const struct route_query *query,
    struct route_answer *answer, struct error *error)
{
	return route_resolve(routing.route, pool, query, answer, error);
}
