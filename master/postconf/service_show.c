/* SPDX-License-Identifier: MIT */
#include "master/postconf/service_show.h"

#include "master/postconf/catalogue.h"
#include "master/postconf/service_line.h"

#define VALUE_MAXIMUM (1024 * 1024)
#define NAME_MAXIMUM  4096

/* One service, and what its values mean to it. */
struct view {
	const struct service_show *show;
	const struct master_service *service;
	struct service_line line;
	struct pool *pool;
	struct param_source source; /* with the options; for -x only */
};

static void
copy_settings(struct config *to, const struct config *from)
{
	const struct config_entry *entry;

	for (entry = config_first(from); entry != NULL; entry = entry->next)
		must(config_set(
		    to, entry->where, entry->name, entry->value, NULL));
}

static void
view_open(struct view *view, const struct service_show *show,
    const struct master_service *service)
{
	struct config *config;

	*view = (struct view){
	    .show = show,
	    .service = service,
	    .pool = pool_create(NULL, "service", POOL_NO_MAXIMUM),
	};
	must(service_line_split(service->text, &view->line));
	if (show->source == NULL)
		return;
	config = config_create(view->pool);
	copy_settings(config, show->source->config);
	for (size_t i = 0; i < service->option_count; i++)
		must(config_set(config, service->where,
		    service->options[i].name, service->options[i].value, NULL));
	view->source = *show->source;
	view->source.config = config;
	view->source.service_name = pool_copy(view->pool, service->name);
	view->source.process_name = pool_copy(view->pool, service->command);
}

static void
view_close(struct view *view)
{
	pool_destroy(view->pool);
}

static void
append_value(
    void *argument, struct span name, struct span value, struct buf *out)
{
	const struct view *view = argument;
	struct error error;
	struct buf expanded;

	buf_init(&expanded, VALUE_MAXIMUM);
	if (view->show->source != NULL && !catalogue_is_raw(name)) {
		if (param_expand(&view->source, value, &expanded, &error))
			value = buf_span(&expanded);
		else
			warnings_add(view->show->warnings, "%s: -o %.*s: %s",
			    view->service->where, SPAN_ARGS(name), error.text);
	}
	buf_append_span(out, value);
	buf_finish(&expanded);
}

/* The value of a field as it is shown: the text, or the command made regular.
 */
static void
append_field(struct view *view, enum service_field field, struct buf *out)
{
	struct service_expansion expansion = {append_value, view};
	struct output_line line = {out, 0, 0};

	if (field == SERVICE_COMMAND)
		service_line_append_command(
		    view->line.field[field], &expansion, &line);
	else
		buf_append_span(out, view->line.field[field]);
}

static void
show_object(struct view *view)
{
	struct buf *out = view->show->output->out;

	buf_append_byte(out, '{');
	for (size_t i = 0; i < SERVICE_FIELD_COUNT; i++) {
		enum service_field field = (enum service_field)i;
		struct buf value;

		buf_init(&value, VALUE_MAXIMUM);
		append_field(view, field, &value);
		output_member(out, service_line_field_name(field),
		    buf_span(&value), i == 0);
		buf_finish(&value);
	}
	buf_append_text(out, "}\n");
}

static void
show_line(struct view *view, const struct service_pattern *pattern UNUSED)
{
	struct service_expansion expansion = {append_value, view};

	if (view->show->output->is_json)
		show_object(view);
	else
		service_line_append(&view->line, &expansion,
		    view->show->output->is_folded, view->show->output->out);
}

/* "service/type/part" */
static void
append_part_name(const struct view *view, struct span part, struct buf *name)
{
	buf_printf(name, "%.*s/%.*s/%.*s",
	    SPAN_ARGS(view->line.field[SERVICE_NAME]),
	    SPAN_ARGS(view->line.field[SERVICE_TYPE]), SPAN_ARGS(part));
}

static void
show_part(const struct view *view, struct span part, struct span value)
{
	struct buf name;

	buf_init(&name, NAME_MAXIMUM);
	append_part_name(view, part, &name);
	output_setting(view->show->output, buf_span(&name), value);
	buf_finish(&name);
}

/* A setting as well, but folded like a line of master.cf. */
static void
show_command(struct view *view)
{
	const struct output *output = view->show->output;
	struct service_expansion expansion = {append_value, view};
	struct output_line line = {
	    output->out, output->is_folded ? OUTPUT_SERVICE_WIDTH : 0, 0};
	struct buf name;

	buf_init(&name, NAME_MAXIMUM);
	append_part_name(view, SPAN("command"), &name);
	if (!output->is_value_only) {
		output_word(&line, buf_span(&name), false);
		output_word(&line, SPAN("="), false);
	}
	service_line_append_command(
	    view->line.field[SERVICE_COMMAND], &expansion, &line);
	buf_append_byte(output->out, '\n');
	buf_finish(&name);
}

static void
show_field(struct view *view, enum service_field field)
{
	const struct output *output = view->show->output;
	struct span name = span_text(service_line_field_name(field));
	struct buf value;

	if (field == SERVICE_COMMAND && !output->is_json &&
	    !output->is_name_only) {
		show_command(view);
		return;
	}
	buf_init(&value, VALUE_MAXIMUM);
	append_field(view, field, &value);
	show_part(view, name, buf_span(&value));
	buf_finish(&value);
}

static void
show_fields(struct view *view, const struct service_pattern *pattern)
{
	for (size_t i = 0; i < SERVICE_FIELD_COUNT; i++) {
		enum service_field field = (enum service_field)i;

		if (service_pattern_wants(
			pattern, span_text(service_line_field_name(field))))
			show_field(view, field);
	}
}

/* The option that is the next by name after `before`; the last of several with
 * one name counts. */
static const struct master_option *
next_option(
    const struct master_service *service, const struct master_option *before)
{
	const struct master_option *next = NULL;

	for (size_t i = 0; i < service->option_count; i++) {
		const struct master_option *option = &service->options[i];

		if ((before == NULL ||
			span_compare(option->name, before->name) > 0) &&
		    (next == NULL ||
			span_compare(option->name, next->name) <= 0))
			next = option;
	}
	return next;
}

static void
show_options(struct view *view, const struct service_pattern *pattern)
{
	const struct master_option *option = NULL;

	while ((option = next_option(view->service, option)) != NULL) {
		struct buf value;

		if (!service_pattern_wants(pattern, option->name))
			continue;
		buf_init(&value, VALUE_MAXIMUM);
		append_value(view, option->name, option->value, &value);
		show_part(view, option->name, buf_span(&value));
		buf_finish(&value);
	}
}

/* Calls one() for each service that matches; true if it wrote something. */
static bool
for_each(const struct service_show *show, const struct service_pattern *pattern,
    void (*one)(struct view *view, const struct service_pattern *pattern))
{
	size_t before = show->output->out->len;

	for (size_t i = 0; i < show->master_cf->count; i++) {
		const struct master_service *service =
		    &show->master_cf->services[i];
		struct view view;

		view_open(&view, show, service);
		if (service_pattern_matches(pattern,
			view.line.field[SERVICE_NAME],
			view.line.field[SERVICE_TYPE]))
			one(&view, pattern);
		view_close(&view);
	}
	return show->output->out->len > before;
}

bool
service_show_lines(
    const struct service_show *show, const struct service_pattern *pattern)
{
	return for_each(show, pattern, show_line);
}

bool
service_show_fields(
    const struct service_show *show, const struct service_pattern *pattern)
{
	return for_each(show, pattern, show_fields);
}

bool
service_show_parameters(
    const struct service_show *show, const struct service_pattern *pattern)
{
	return for_each(show, pattern, show_options);
}
