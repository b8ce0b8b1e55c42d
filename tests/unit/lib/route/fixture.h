/* SPDX-License-Identifier: MIT */
/* A route as a main.cf makes it, on a machine of our invention. */
#ifndef UNIT_ROUTE_FIXTURE_H
#define UNIT_ROUTE_FIXTURE_H

#include <netinet/in.h>

#include "lib/route/route.h"

#include "../../unit.h"

struct fixture {
	struct pool *pool;
	struct common_params common;
	struct route_params params;
	struct route *route;
};

static inline void
fixture_host_name(char *name, size_t size)
{
	snprintf(name, size, "mx.example.com");
}

static inline size_t
fixture_host_addresses(struct host_address *addresses, size_t maximum)
{
	static const struct host_address known[] = {
	    {AF_INET, {127, 0, 0, 1}, 8, true},
	    {AF_INET, {192, 0, 2, 1}, 24, false},
	    {AF_INET6, {0x20, 0x01, 0x0d, 0xb8, [15] = 1}, 64, false},
	};

	must(maximum >= COUNT_OF(known));
	memcpy(addresses, known, sizeof known);
	return COUNT_OF(known);
}

static const struct host fixture_host = {
    .name = fixture_host_name, .addresses = fixture_host_addresses};

/* What every test starts with; `settings` come behind it. */
static const char fixture_basis[] =
    "mydestination = $myhostname, localhost.$mydomain, example.com\n"
    "alias_maps = inline:{postmaster=root, list=x}\n"
    "local_recipient_maps = inline:{ann=x, bob+ext=x} $alias_maps\n"
    "compatibility_level = 3.6\n";

static inline void
fixture_load(struct fixture *fixture, const char *settings)
{
	struct config *config;
	struct param_source source = {.host = &fixture_host};
	struct error error;

	fixture->pool = pool_create(NULL, "test", POOL_NO_MAXIMUM);
	config = config_create(fixture->pool);
	source.config = config;
	if (!config_parse(
		config, "basis", span_text(fixture_basis), NULL, &error) ||
	    !config_parse(config, "test", span_text(settings), NULL, &error) ||
	    !param_load(&common_param_set, &source, &fixture->common,
		fixture->pool, &error) ||
	    !param_load(&route_param_set, &source, &fixture->params,
		fixture->pool, &error))
		fail_msg("%s", error.text);
}

static inline void
fixture_open(struct fixture *fixture, const char *settings)
{
	struct error error;

	fixture_load(fixture, settings);
	fixture->route = route_open(
	    &(struct route_source){
		.common = &fixture->common,
		.params = &fixture->params,
		.host = &fixture_host,
	    },
	    &error);
	if (fixture->route == NULL)
		fail_msg("%s", error.text);
}

static inline void
fixture_close(struct fixture *fixture)
{
	route_close(fixture->route);
	pool_destroy(fixture->pool);
}

#endif
