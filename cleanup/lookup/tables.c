/* SPDX-License-Identifier: MIT */
#include "cleanup/lookup/tables.h"

#include "lib/base/memory.h"
#include "lib/param/host.h"
#include "lib/route/address_find.h"
#include "lib/table/table_list.h"

/* The parameters that LOOKUP may name. */
enum list {
	LIST_ALIAS_MAPS,
	LIST_VIRTUAL_MAILBOX_MAPS,
	LIST_VIRTUAL_UID_MAPS,
	LIST_VIRTUAL_GID_MAPS,
	LIST_SMTP_TLS_POLICY_MAPS,
	LIST_LMTP_TLS_POLICY_MAPS,
	LIST_COUNT
};

static const struct {
	const char *name;
	bool is_common; /* in struct common_params, or in lookup_params */
	size_t text;
	bool by_address;
} lists[] = {
    [LIST_ALIAS_MAPS] = {"alias_maps", true,
	offsetof(struct common_params, alias_maps), false},
    [LIST_VIRTUAL_MAILBOX_MAPS] = {"virtual_mailbox_maps", true,
	offsetof(struct common_params, virtual_mailbox_maps), true},
    [LIST_VIRTUAL_UID_MAPS] = {"virtual_uid_maps", false,
	offsetof(struct lookup_params, virtual_uid_maps), true},
    [LIST_VIRTUAL_GID_MAPS] = {"virtual_gid_maps", false,
	offsetof(struct lookup_params, virtual_gid_maps), true},
    [LIST_SMTP_TLS_POLICY_MAPS] = {"smtp_tls_policy_maps", true,
	offsetof(struct common_params, smtp_tls_policy_maps), false},
    [LIST_LMTP_TLS_POLICY_MAPS] = {"lmtp_tls_policy_maps", true,
	offsetof(struct common_params, lmtp_tls_policy_maps), false},
};

struct tables {
	const struct common_params *common;
	struct route *route;
	struct table_list *lists[LIST_COUNT];
};

static struct span
list_text(const struct tables_source *source, enum list list)
{
	const void *params = lists[list].is_common
	    ? (const void *)source->common
	    : (const void *)source->lookup;
	const char *text;

	memcpy(&text, (const char *)params + lists[list].text, sizeof text);
	return span_text(text);
}

static bool
open_lists(struct tables *tables, const struct tables_source *source,
    const struct table_options *options, struct error *error)
{
	for (enum list i = 0; i < LIST_COUNT; i++) {
		tables->lists[i] = table_list_open(list_text(source, i),
		    source->common->default_database_type, options, error);
		if (tables->lists[i] == NULL)
			return error_prefix(error, "%s", lists[i].name);
	}
	return true;
}

struct tables *
tables_open(const struct tables_source *source, struct tables_notes *notes,
    struct error *error)
{
	/* A table that is not there yet must not keep the others from being
	 * asked: whoever needs it is told to try again. */
	struct table_options options = {
	    .open_later = true, .passwd_path = source->passwd_path};
	struct route_source route = {
	    .common = source->common,
	    .params = source->route,
	    .host = &host_system,
	    .options = &options,
	};
	struct tables *tables = memory_zero(sizeof *tables);

	if (notes != NULL) {
		options.warnings = &notes->warnings;
		options.closed = &notes->closed;
		options.traits = &notes->traits;
	}
	tables->common = source->common;
	tables->route = route_open(&route, error);
	if (tables->route != NULL &&
	    open_lists(tables, source, &options, error))
		return tables;
	tables_close(tables);
	return NULL;
}

void
tables_each_value(
    const struct tables_source *source, void (*visit)(const char *value))
{
	struct route_source route = {
	    .common = source->common, .params = source->route};

	for (enum list i = 0; i < LIST_COUNT; i++)
		visit(list_text(source, i).at);
	route_each_value(&route, visit);
}

void
tables_close(struct tables *tables)
{
	if (tables == NULL)
		return;
	for (enum list i = 0; i < LIST_COUNT; i++)
		table_list_close(tables->lists[i]);
	route_close(tables->route);
	free(tables);
}

bool
tables_have_changed(const struct tables *tables, const char **name)
{
	for (enum list i = 0; i < LIST_COUNT; i++)
		if (table_list_has_changed(tables->lists[i], name))
			return true;
	return route_has_changed(tables->route, name);
}

struct route *
tables_route(struct tables *tables)
{
	return tables->route;
}

enum table_result
tables_get(struct tables *tables, struct span parameter, struct span key,
    struct buf *value, struct error *error)
{
	const struct address_find_request address = {
	    .params = tables->common, .address = key, .with_domain = true};

	for (enum list i = 0; i < LIST_COUNT; i++) {
		if (!span_equal(parameter, span_text(lists[i].name)))
			continue;
		if (lists[i].by_address)
			return address_find(
			    tables->lists[i], &address, value, NULL, error);
		return table_list_get(tables->lists[i], key, value, error);
	}
	(void)error_set(error, ERROR_INVALID, "%.*s may not be asked for",
	    SPAN_ARGS(span_head(parameter, 64)));
	return TABLE_TRY_AGAIN;
}
