/* SPDX-License-Identifier: MIT */
/* postconf: shows and edits main.cf and master.cf, and tells what this build
 * can do. */
#include <sys/file.h>

#include <errno.h>
#include <fcntl.h>
#include <sysexits.h>
#include <unistd.h>

#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/param/host.h"

#include "master/postconf/catalogue.h"
#include "master/postconf/check.h"
#include "master/postconf/edit.h"
#include "master/postconf/edit_service.h"
#include "master/postconf/facts.h"
#include "master/postconf/replace_file.h"
#include "master/postconf/request.h"
#include "master/postconf/service_show.h"
#include "master/postconf/show.h"

#define FILE_MAXIMUM   (4 * 1024 * 1024)
#define OUTPUT_MAXIMUM (64 * 1024 * 1024)

/* One run of the command. */
struct task {
	struct request request;
	const char *directory;
	struct pool *pool;
	struct config *config;
	struct master_cf master_cf;
	struct param_source source;
	struct warnings warnings;
	struct buf out;
	struct output output;
};

static _Noreturn void
usage(void)
{
	static const char text[] =
	    "usage: postconf [-dfhHjnqx] [-C class,...] [name ...]\n"
	    "       postconf -e|-E name=value ...\n"
	    "       postconf -X|-# name ...\n"
	    "       postconf -M [-fjqx] [service[/type] ...]\n"
	    "       postconf -M -e|-E service/type=line ...\n"
	    "       postconf -M -X|-# service/type ...\n"
	    "       postconf -F [-fhHjqx] [service[/type[/field]] ...]\n"
	    "       postconf -F -e|-E service/type/field=value ...\n"
	    "       postconf -P [-fhHjqx] [service[/type[/name]] ...]\n"
	    "       postconf -P -e|-E service/type/name=value ...\n"
	    "       postconf -P -X service/type/name ...\n"
	    "       postconf -a|-A|-l|-m\n"
	    "       postconf -T compile-version|run-version|"
	    "public-key-algorithms\n"
	    "       postconf -b|-t [template_file]\n"
	    "Everywhere: [-c directory] [-o name=value]\n";

	fputs(text, stderr);
	exit(EX_USAGE);
}

static void
report(const char *text)
{
	fprintf(stderr, "postconf: %s\n", text);
}

static void
print_warnings(struct task *task)
{
	struct warnings *warnings = &task->warnings;
	bool quiet = (task->request.flags & REQUEST_QUIET) != 0;

	for (size_t i = 0; !quiet && i < warnings->count; i++)
		fprintf(stderr, "postconf: warning: %s\n", warnings->text[i]);
	if (!quiet && warnings->dropped > 0)
		fprintf(stderr, "postconf: warning: %zu more warnings\n",
		    warnings->dropped);
	warnings_finish(warnings);
}

static bool
has_flag(const struct task *task, unsigned flags)
{
	return (task->request.flags & flags) != 0;
}

/* ---- reading ---- */

static int
open_directory(const struct task *task)
{
	int fd = open(task->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		fatal(EXIT_FAILURE, "open %s: %s", task->directory,
		    strerror(errno));
	return fd;
}

static void
read_file(int directory_fd, const char *name, struct buf *text)
{
	struct error error;

	buf_init(text, FILE_MAXIMUM);
	if (!io_read_file(directory_fd, name, text, &error))
		fatal(EXIT_FAILURE, "%s", error.text);
}

static void
parse_main_cf(struct task *task, struct span text)
{
	struct error error;

	task->config = config_create(task->pool);
	if (!config_parse(task->config,
		pool_printf(task->pool, "%s/main.cf", task->directory), text,
		&task->warnings, &error))
		fatal(EXIT_FAILURE, "%s", error.text);
}

static void
parse_master_cf(struct task *task, struct span text)
{
	struct error error;

	if (!master_cf_parse(task->pool,
		pool_printf(task->pool, "%s/master.cf", task->directory), text,
		&task->master_cf, &task->warnings, &error))
		fatal(EXIT_FAILURE, "%s", error.text);
}

/* What the command line says over main.cf. */
static void
override(struct task *task)
{
	const struct request *request = &task->request;
	struct error error;
	struct span name = SPAN("config_directory");

	if (request->directory != NULL &&
	    !config_set(task->config, "-c", name, span_text(request->directory),
		&error))
		fatal(EXIT_FAILURE, "%s", error.text);
	for (size_t i = 0; i < request->override_count; i++)
		if (!config_override(task->config, "-o",
			span_text(request->overrides[i]), &error))
			fatal(EX_USAGE, "%s", error.text);
}

static void
load(struct task *task)
{
	int directory_fd = open_directory(task);
	struct buf text;

	if (has_flag(task, REQUEST_DEFAULTS)) {
		task->config = config_create(task->pool);
	} else {
		read_file(directory_fd, "main.cf", &text);
		parse_main_cf(task, buf_span(&text));
		buf_finish(&text);
		override(task);
	}
	/* main.cf can be shown without it. */
	if (task->request.mode != REQUEST_PARAMETERS ||
	    faccessat(directory_fd, "master.cf", F_OK, 0) == 0) {
		read_file(directory_fd, "master.cf", &text);
		parse_master_cf(task, buf_span(&text));
		buf_finish(&text);
	}
	io_close(&directory_fd);
	task->source = (struct param_source){
	    .config = task->config,
	    .sets = catalogue_sets(),
	    .host = &host_system,
	    .config_directory = task->directory,
	    .warnings = &task->warnings,
	};
}

/* ---- main.cf ---- */

static void
show_parameters(struct task *task)
{
	const struct request *request = &task->request;
	const struct show show = {
	    .source = &task->source,
	    .config = task->config,
	    .master_cf = &task->master_cf,
	    .output = &task->output,
	    .warnings = &task->warnings,
	    .is_expanded = has_flag(task, REQUEST_EXPANDED),
	    .classes = request->classes,
	};

	if (request->count == 0 && has_flag(task, REQUEST_SETTINGS))
		show_settings(&show);
	else if (request->count == 0)
		show_all(&show);
	for (size_t i = 0; i < request->count; i++)
		show_parameter(&show, span_text(request->arguments[i]));
}

static enum edit_kind
edit_kind(const struct task *task)
{
	if (has_flag(task, REQUEST_REMOVE))
		return EDIT_KIND_REMOVE;
	return has_flag(task, REQUEST_COMMENT) ? EDIT_KIND_COMMENT
					       : EDIT_KIND_SET;
}

static void
change_main_cf(struct task *task, struct span text, struct buf *changed)
{
	size_t count = task->request.count;
	struct edit *edits = memory_alloc(count * sizeof *edits);
	struct error error;

	for (size_t i = 0; i < count; i++)
		if (!edit_parse(edit_kind(task),
			span_text(task->request.arguments[i]), &edits[i],
			&error))
			fatal(EX_USAGE, "%s", error.text);
	if (!edit_apply(text, edits, count, changed, &error))
		fatal(EXIT_FAILURE, "%s", error.text);
	free(edits);
}

/* ---- master.cf ---- */

static void
warn_unmatched(struct task *task, const char *request)
{
	warnings_add(&task->warnings, "unmatched request: \"%s\"", request);
}

static const struct {
	unsigned parts; /* of a pattern */
	bool (*show)(const struct service_show *show,
	    const struct service_pattern *pattern);
	enum edit_target target;
} service_modes[] = {
    [REQUEST_SERVICES] = {2, service_show_lines, EDIT_TARGET_LINE},
    [REQUEST_FIELDS] = {3, service_show_fields, EDIT_TARGET_FIELD},
    [REQUEST_OPTIONS] = {3, service_show_parameters, EDIT_TARGET_PARAMETER},
};

static void
show_services(struct task *task)
{
	const struct request *request = &task->request;
	const struct service_show show = {
	    .master_cf = &task->master_cf,
	    .output = &task->output,
	    .source = has_flag(task, REQUEST_EXPANDED) ? &task->source : NULL,
	    .warnings = &task->warnings,
	};
	struct service_pattern pattern = {.name = SPAN_EMPTY};

	if (request->count == 0)
		(void)service_modes[request->mode].show(&show, &pattern);
	for (size_t i = 0; i < request->count; i++) {
		if (!service_pattern_parse(span_text(request->arguments[i]),
			service_modes[request->mode].parts, &pattern))
			fatal(EX_USAGE, "expected service/type, found \"%s\"",
			    request->arguments[i]);
		if (!service_modes[request->mode].show(&show, &pattern))
			warn_unmatched(task, request->arguments[i]);
	}
}

static void
change_master_cf(struct task *task, struct span text, struct buf *changed)
{
	size_t count = task->request.count;
	struct edit_service *edits = memory_alloc(count * sizeof *edits);
	struct error error;

	for (size_t i = 0; i < count; i++)
		if (!edit_service_parse(
			service_modes[task->request.mode].target,
			edit_kind(task), task->request.arguments[i], &edits[i],
			&error))
			fatal(EX_USAGE, "%s", error.text);
	if (!edit_service_apply(text, edits, count, changed, &error))
		fatal(EXIT_FAILURE, "%s", error.text);
	for (size_t i = 0; i < count; i++)
		if (!edits[i].has_matched)
			warn_unmatched(task, edits[i].text);
	free(edits);
}

/* ---- editing ---- */

/* -E: what would stop a start is refused. */
static void
check_result(struct task *task, bool is_main_cf, struct span changed)
{
	struct check check = {
	    .host = &host_system,
	    .config_directory = task->directory,
	};
	struct warnings problems;

	warnings_init(&problems);
	load(task);
	if (is_main_cf)
		parse_main_cf(task, changed);
	else
		parse_master_cf(task, changed);
	check.config = task->config;
	check.master_cf = &task->master_cf;
	if (!check_settings(&check, &problems, &task->warnings))
		fatal(EXIT_FAILURE, "nothing is changed: %s", problems.text[0]);
	warnings_finish(&problems);
}

static void
edit(struct task *task)
{
	bool is_main_cf = task->request.mode == REQUEST_PARAMETERS;
	const char *name = is_main_cf ? "main.cf" : "master.cf";
	int directory_fd = open_directory(task);
	struct error error;
	struct buf changed;
	struct buf text;

	/* Two postconf at once would lose the changes of one. */
	if (flock(directory_fd, LOCK_EX) != 0)
		fatal(EXIT_FAILURE, "lock %s: %s", task->directory,
		    strerror(errno));
	read_file(directory_fd, name, &text);
	buf_init(&changed, FILE_MAXIMUM);
	if (is_main_cf)
		change_main_cf(task, buf_span(&text), &changed);
	else
		change_master_cf(task, buf_span(&text), &changed);
	if (has_flag(task, REQUEST_CHECKED))
		check_result(task, is_main_cf, buf_span(&changed));
	if (!span_equal(buf_span(&text), buf_span(&changed)) &&
	    !replace_file(directory_fd, name, buf_span(&changed), &error))
		fatal(EXIT_FAILURE, "%s", error.text);
	buf_finish(&changed);
	buf_finish(&text);
	io_close(&directory_fd);
}

/* ---- the build ---- */

static void
show_tables(struct task *task)
{
	facts_append_tables(&task->out);
}

static void
show_locks(struct task *task)
{
	facts_append_locks(&task->out);
}

/* This build has no SASL plug-ins to name. */
static void
show_nothing(struct task *task UNUSED)
{
}

static void
show_tls(struct task *task)
{
	if (!facts_append_tls(span_text(task->request.tls), &task->out))
		fatal(EX_USAGE,
		    "-T %s: expected compile-version, run-version or "
		    "public-key-algorithms",
		    task->request.tls);
}

/* Notices are written by another program, which knows their words. */
static void
show_notices(struct task *task)
{
	const struct request *request = &task->request;
	struct buf program;
	struct error error;

	load(task);
	buf_init(&program, FILE_MAXIMUM);
	if (!param_expand(&task->source, SPAN("$daemon_directory/templates"),
		&program, &error))
		fatal(EXIT_FAILURE, "%s", error.text);
	(void)execl(buf_text(&program), "postconf", "-c", task->directory,
	    request->mode == REQUEST_TEXTS ? "-b" : "-t",
	    request->count > 0 ? request->arguments[0] : NULL, NULL);
	fatal(EX_UNAVAILABLE, "cannot execute %s: %s", buf_text(&program),
	    strerror(errno));
}

static void (*const tellers[])(struct task *task) = {
    [REQUEST_PARAMETERS] = show_parameters,
    [REQUEST_SERVICES] = show_services,
    [REQUEST_FIELDS] = show_services,
    [REQUEST_OPTIONS] = show_services,
    [REQUEST_TABLES] = show_tables,
    [REQUEST_LOCKS] = show_locks,
    [REQUEST_SASL_SERVERS] = show_nothing,
    [REQUEST_SASL_CLIENTS] = show_nothing,
    [REQUEST_TLS] = show_tls,
    [REQUEST_TEMPLATES] = show_notices,
    [REQUEST_TEXTS] = show_notices,
};

static void
task_run(struct task *task)
{
	if (has_flag(task, REQUEST_EDITS)) {
		edit(task);
		return;
	}
	if (task->request.mode <= REQUEST_OPTIONS)
		load(task);
	tellers[task->request.mode](task);
}

static void
find_directory(struct task *task)
{
	/* What is not the built-in one is a setting like those of main.cf. */
	if (task->request.directory == NULL)
		task->request.directory = getenv("MAIL_CONFIG");
	task->directory = task->request.directory != NULL
	    ? task->request.directory
	    : POSTERN_CONFIG_DIR;
}

int
main(int argc, char **argv)
{
	struct task task = {.directory = NULL};
	struct error error;

	fatal_set_report(report);
	if (!request_parse(argc, argv, &task.request, &error)) {
		if (error.text[0] == '\0')
			usage();
		fatal(EX_USAGE, "%s", error.text);
	}
	find_directory(&task);
	task.pool = pool_create(NULL, "postconf", POOL_NO_MAXIMUM);
	warnings_init(&task.warnings);
	buf_init(&task.out, OUTPUT_MAXIMUM);
	task.output = (struct output){
	    .out = &task.out,
	    .is_folded = has_flag(&task, REQUEST_FOLDED),
	    .is_value_only = has_flag(&task, REQUEST_VALUES),
	    .is_name_only = has_flag(&task, REQUEST_NAMES),
	    .is_json = has_flag(&task, REQUEST_JSON),
	};
	task_run(&task);
	if (!io_write(STDOUT_FILENO, buf_span(&task.out), &error))
		fatal(EXIT_FAILURE, "%s", error.text);
	print_warnings(&task);
	free(task.request.overrides);
	buf_finish(&task.out);
	pool_destroy(task.pool);
	return EXIT_SUCCESS;
}
