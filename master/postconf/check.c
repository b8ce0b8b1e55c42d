/* SPDX-License-Identifier: MIT */
#include "master/postconf/check.h"

#include "lib/param/known.h"

#include "master/postconf/catalogue.h"

#define VALUE_MAXIMUM 65536

struct work {
	const struct check *check;
	struct param_source source;
	bool has_screening;
	struct warnings *problems;
	struct warnings *warnings;
};

/* A name with its value, from main.cf or from an -o option. */
struct setting {
	struct span name;
	struct span value;
	const char *where;
	const char *option; /* "" or "-o " */
};

static bool
has_command(const struct master_cf *master_cf, struct span command)
{
	for (size_t i = 0; i < master_cf->count; i++)
		if (span_equal(master_cf->services[i].command, command))
			return true;
	return false;
}

/* Settings of programs that master.cf does not start are dead letters. */
static bool
is_of_absent_program(const struct work *work, struct span name)
{
	return !work->has_screening &&
	    (span_starts(name, SPAN("postscreen_")) ||
		span_starts(name, SPAN("tlsproxy_")));
}

static void
add_problem(
    struct work *work, const struct setting *setting, const char *feature)
{
	struct span value = span_head(setting->value, 80);

	warnings_add(work->problems,
	    "%s: %s%.*s = %.*s: this version has no %s, and to ignore the "
	    "setting would not be safe",
	    setting->where, setting->option, SPAN_ARGS(setting->name),
	    SPAN_ARGS(value), feature);
}

static void
add_warning(
    struct work *work, const struct setting *setting, const struct known *known)
{
	if (known->status == KNOWN_UNSUPPORTED)
		warnings_add(work->warnings,
		    "%s: %s%.*s is not supported; use %s", setting->where,
		    setting->option, SPAN_ARGS(setting->name), known->note);
	else
		warnings_add(work->warnings,
		    "%s: %s%.*s is not supported yet and ignored",
		    setting->where, setting->option, SPAN_ARGS(setting->name));
}

/* What does not expand, or not yet, is judged as it is written. */
static void
expand_or_copy(struct work *work, const struct known *known, struct span text,
    struct buf *out)
{
	if (!known->is_raw && param_expand(&work->source, text, out, NULL))
		return;
	buf_clear(out);
	buf_append_span(out, text);
}

static void
judge(struct work *work, const struct setting *setting)
{
	const struct known *known = known_find(setting->name);
	struct buf value;
	struct buf default_value;

	if (known == NULL || catalogue_honours(setting->name) ||
	    is_of_absent_program(work, setting->name))
		return;
	buf_init(&value, VALUE_MAXIMUM);
	buf_init(&default_value, VALUE_MAXIMUM);
	expand_or_copy(work, known, setting->value, &value);
	expand_or_copy(
	    work, known, span_text(known->default_text), &default_value);
	switch (
	    known_judge(known, buf_span(&value), buf_span(&default_value))) {
	case KNOWN_FINE:
		break;
	case KNOWN_WARN:
		add_warning(work, setting, known);
		break;
	case KNOWN_STOP:
		add_problem(work, setting, known->note);
		break;
	}
	buf_finish(&value);
	buf_finish(&default_value);
}

/* Debian's Postfix takes the domain from a file. */
static void
judge_origin(struct work *work)
{
	const struct config_entry *entry =
	    config_find(work->check->config, SPAN("myorigin"));

	if (entry != NULL && span_starts(entry->value, SPAN("/")))
		warnings_add(work->problems,
		    "%s: myorigin = %.*s: expected a domain; this version "
		    "reads none from a file",
		    entry->where, SPAN_ARGS(span_head(entry->value, 80)));
}

static void
judge_main_cf(struct work *work)
{
	const struct config_entry *entry;

	for (entry = config_first(work->check->config); entry != NULL;
	     entry = entry->next)
		judge(work,
		    &(struct setting){
			.name = entry->name,
			.value = entry->value,
			.where = entry->where,
			.option = "",
		    });
}

static void
judge_service(struct work *work, const struct master_service *service)
{
	for (size_t i = 0; i < service->option_count; i++)
		judge(work,
		    &(struct setting){
			.name = service->options[i].name,
			.value = service->options[i].value,
			.where = service->where,
			.option = "-o ",
		    });
}

/* What options and arguments of a service refer to counts as used. */
static void
note_service(struct config *config, const struct master_service *service)
{
	for (size_t i = 0; i < service->option_count; i++)
		config_note_references(config, service->options[i].value);
	for (size_t i = 0; i < service->argument_count; i++)
		config_note_references(config, service->arguments[i]);
}

/* A name for one service that master.cf does not have: a typing error. Those of
 * Postfix's usual services may be there without them. */
static bool
is_of_absent_service(const struct master_cf *master_cf, struct span name)
{
	const char *suffix = known_service_suffix(name);
	const struct known *known = known_find(name);

	if (master_cf == NULL || suffix == NULL || known == NULL ||
	    span_equal(name, span_text(known->name)) ||
	    catalogue_find(name) != NULL)
		return false;
	name.len -= strlen(suffix);
	for (size_t i = 0; i < master_cf->count; i++)
		if (span_equal(master_cf->services[i].name, name))
			return false;
	return true;
}

struct unused_work {
	const struct check *check;
	struct warnings *warnings;
	void (*unused)(void *argument, const struct config_entry *entry);
	void *argument;
};

static bool
is_known(void *argument, struct span name)
{
	const struct unused_work *work = argument;

	return catalogue_knows(name) &&
	    !is_of_absent_service(work->check->master_cf, name);
}

static void
add_unused(struct warnings *warnings, const char *where, const char *option,
    struct span name, struct span value)
{
	const char *nearest = catalogue_nearest(name);

	if (nearest != NULL)
		warnings_add(warnings,
		    "%s: unused parameter: %s%.*s=%.*s (did you mean %s?)",
		    where, option, SPAN_ARGS(name), SPAN_ARGS(value), nearest);
	else
		warnings_add(warnings, "%s: unused parameter: %s%.*s=%.*s",
		    where, option, SPAN_ARGS(name), SPAN_ARGS(value));
}

static void
warn_unused(void *argument, const struct config_entry *entry)
{
	const struct unused_work *work = argument;

	add_unused(work->warnings, entry->where, "", entry->name, entry->value);
	if (work->unused != NULL)
		work->unused(work->argument, entry);
}

static void
warn_unused_options(
    struct unused_work *work, const struct master_service *service)
{
	for (size_t i = 0; i < service->option_count; i++) {
		const struct master_option *option = &service->options[i];

		if (!catalogue_knows(option->name) &&
		    !config_has_use(work->check->config, option->name))
			add_unused(work->warnings, service->where, "-o ",
			    option->name, option->value);
	}
}

void
check_unused(const struct check *check, struct warnings *warnings,
    void (*unused)(void *argument, const struct config_entry *entry),
    void *argument)
{
	struct unused_work work = {check, warnings, unused, argument};
	const struct master_cf *master_cf = check->master_cf;

	for (size_t i = 0; master_cf != NULL && i < master_cf->count; i++)
		note_service(check->config, &master_cf->services[i]);
	config_unused(check->config, is_known, warn_unused, &work);
	for (size_t i = 0; master_cf != NULL && i < master_cf->count; i++)
		warn_unused_options(&work, &master_cf->services[i]);
}

bool
check_settings(const struct check *check, struct warnings *problems,
    struct warnings *warnings)
{
	const struct master_cf *master_cf = check->master_cf;
	size_t before = problems->count;
	struct work work = {
	    .check = check,
	    .source =
		{
		    .config = check->config,
		    .sets = catalogue_sets(),
		    .host = check->host,
		    .config_directory = check->config_directory,
		},
	    .has_screening =
		master_cf != NULL && has_command(master_cf, SPAN("postscreen")),
	    .problems = problems,
	    .warnings = warnings,
	};

	judge_main_cf(&work);
	judge_origin(&work);
	for (size_t i = 0; master_cf != NULL && i < master_cf->count; i++)
		judge_service(&work, &master_cf->services[i]);
	check_unused(check, warnings, NULL, NULL);
	return problems->count == before;
}
