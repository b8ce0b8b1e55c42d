/* SPDX-License-Identifier: MIT */
#include "lib/param/computed.h"

#include <unistd.h>

#include "lib/param/host.h"
#include "lib/param/networks.h"

#define TEXT_MAXIMUM 65536

/* Where a value is made. */
struct work {
	const struct param_source *source;
	const struct expand_names *names;
	struct buf *out;
};

static bool
append_expanded(const struct work *work, const char *text, struct buf *out)
{
	return expand_text(span_text(text), work->names, out, NULL);
}

/* The host name; one without a dot gets a domain. */
static bool
compute_host_name(const struct work *work)
{
	char name[HOST_NAME_SIZE];

	work->source->host->name(name, sizeof name);
	buf_append_text(work->out, name);
	if (strchr(name, '.') != NULL)
		return true;
	return buf_append_text(work->out,
	    config_find(work->source->config, SPAN("mydomain")) != NULL
		? ".$mydomain"
		: ".localdomain");
}

static bool
compute_domain(const struct work *work)
{
	struct span label;
	struct span domain;
	struct buf name;
	bool good;

	buf_init(&name, TEXT_MAXIMUM);
	good = append_expanded(work, "$myhostname", &name);
	if (!span_split(buf_span(&name), '.', &label, &domain))
		domain = SPAN("localdomain");
	good = good && buf_append_span(work->out, domain);
	buf_finish(&name);
	return good;
}

static bool
compute_networks(const struct work *work)
{
	struct buf style;
	struct buf interfaces;
	struct buf protocols;
	bool good;

	buf_init(&style, TEXT_MAXIMUM);
	buf_init(&interfaces, TEXT_MAXIMUM);
	buf_init(&protocols, TEXT_MAXIMUM);
	good = append_expanded(work, "$mynetworks_style", &style) &&
	    append_expanded(work, "$inet_interfaces", &interfaces) &&
	    append_expanded(work, "$inet_protocols", &protocols);
	if (good)
		networks_append(work->source->host,
		    &(struct networks_request){
			.style = span_trim(buf_span(&style)),
			.interfaces = buf_span(&interfaces),
			.protocols = buf_span(&protocols),
		    },
		    work->out);
	buf_finish(&style);
	buf_finish(&interfaces);
	buf_finish(&protocols);
	return good;
}

static bool
compute_config_directory(const struct work *work)
{
	const char *directory = work->source->config_directory;

	return buf_append_text(
	    work->out, directory != NULL ? directory : POSTERN_CONFIG_DIR);
}

static bool
compute_process_id(const struct work *work)
{
	return buf_printf(work->out, "%ld", (long)getpid());
}

static bool
compute_process_name(const struct work *work)
{
	return buf_append_span(
	    work->out, span_text(work->source->process_name));
}

static bool
compute_service_name(const struct work *work)
{
	return buf_append_span(
	    work->out, span_text(work->source->service_name));
}

static bool
compute_stress(const struct work *work)
{
	return buf_append_text(work->out, work->source->stress ? "yes" : "");
}

struct computed {
	const char *name;
	bool (*compute)(const struct work *work);
};

static const struct computed computed[] = {
    {"config_directory", compute_config_directory},
    {"myhostname", compute_host_name},
    {"mydomain", compute_domain},
    {"mynetworks", compute_networks},
    {"process_id", compute_process_id},
    {"process_name", compute_process_name},
    {"service_name", compute_service_name},
    {"stress", compute_stress},
};

static const struct computed *
find_computed(struct span name)
{
	for (size_t i = 0; i < COUNT_OF(computed); i++)
		if (span_equal(name, span_text(computed[i].name)))
			return &computed[i];
	return NULL;
}

bool
computed_has(struct span name)
{
	return find_computed(name) != NULL;
}

bool
computed_get(const struct param_source *source,
    const struct expand_names *names, struct pool *pool, struct span name,
    struct span *value)
{
	const struct computed *found = find_computed(name);
	struct buf out;
	bool good;

	if (found == NULL)
		return false;
	buf_init(&out, TEXT_MAXIMUM);
	good = found->compute(&(struct work){source, names, &out}) &&
	    pool_copy_span(pool, buf_span(&out), value);
	buf_finish(&out);
	return good;
}
