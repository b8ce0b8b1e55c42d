/* SPDX-License-Identifier: MIT */
/* postconf: shows and edits the configuration. */
#include <sys/file.h>

#include <errno.h>
#include <fcntl.h>
#include <sysexits.h>
#include <unistd.h>

#include "lib/base/io.h"
#include "lib/param/host.h"

#include "master/postconf/catalogue.h"
#include "master/postconf/edit.h"
#include "master/postconf/replace_file.h"
#include "master/postconf/show.h"

#define FILE_MAXIMUM   (16 * 1024 * 1024)
#define OUTPUT_MAXIMUM (64 * 1024 * 1024)

struct request {
	const char *directory; /* -c */
	bool is_edit;          /* -e */
	bool is_default;       /* -d */
	bool is_set_only;      /* -n */
	bool is_services;      /* -M */
	bool is_expanded;      /* -x */
	bool is_value_only;    /* -h */
	char **arguments;
	size_t count;
};

static _Noreturn void
usage(void)
{
	fprintf(stderr,
	    "usage: postconf [-dhnx] [-c directory] [name ...]\n"
	    "       postconf -e [-c directory] name=value ...\n"
	    "       postconf -M [-c directory] [service[/type] ...]\n");
	exit(EX_USAGE);
}

static void
report(const char *text)
{
	fprintf(stderr, "postconf: %s\n", text);
}

static void
print_warnings(struct warnings *warnings)
{
	for (size_t i = 0; i < warnings->count; i++)
		fprintf(stderr, "postconf: warning: %s\n", warnings->text[i]);
	if (warnings->dropped > 0)
		fprintf(stderr, "postconf: warning: %zu more warnings\n",
		    warnings->dropped);
	warnings_finish(warnings);
}

static int
open_directory(const struct request *request)
{
	int fd = open(request->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		fatal(EXIT_FAILURE, "open %s: %s", request->directory,
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

/* main.cf, or nothing for -d. */
static struct config *
load_config(
    const struct request *request, struct pool *pool, struct warnings *warnings)
{
	struct config *config = config_create(pool);
	struct error error;
	struct buf text;
	int directory_fd;

	if (request->is_default)
		return config;
	directory_fd = open_directory(request);
	read_file(directory_fd, "main.cf", &text);
	io_close(&directory_fd);
	if (!config_parse(config,
		pool_printf(pool, "%s/main.cf", request->directory),
		buf_span(&text), warnings, &error))
		fatal(EXIT_FAILURE, "%s", error.text);
	buf_finish(&text);
	return config;
}

static void
show_parameters(const struct request *request, struct pool *pool,
    struct buf *out, struct warnings *warnings)
{
	struct config *config = load_config(request, pool, warnings);
	const struct param_source source = {
	    .config = config,
	    .sets = catalogue_sets(),
	    .host = &host_system,
	    .config_directory = request->directory,
	    .warnings = warnings,
	};
	const struct show show = {
	    .source = &source,
	    .out = out,
	    .warnings = warnings,
	    .is_expanded = request->is_expanded,
	    .is_value_only = request->is_value_only,
	};

	if (request->is_set_only && request->count == 0)
		show_settings(&show, config);
	else if (request->count == 0)
		show_all(&show);
	for (size_t i = 0; i < request->count; i++)
		show_parameter(&show, span_text(request->arguments[i]));
}

static void
show_master_cf(const struct request *request, struct pool *pool,
    struct buf *out, struct warnings *warnings)
{
	int directory_fd = open_directory(request);
	struct master_cf master_cf;
	struct error error;
	struct buf text;

	read_file(directory_fd, "master.cf", &text);
	io_close(&directory_fd);
	if (!master_cf_parse(pool,
		pool_printf(pool, "%s/master.cf", request->directory),
		buf_span(&text), &master_cf, warnings, &error))
		fatal(EXIT_FAILURE, "%s", error.text);
	buf_finish(&text);
	if (request->count == 0)
		show_services(&master_cf, SPAN_EMPTY, out);
	for (size_t i = 0; i < request->count; i++)
		if (!show_services(
			&master_cf, span_text(request->arguments[i]), out))
			warnings_add(warnings, "%s: no such service",
			    request->arguments[i]);
}

static void
edit_main_cf(const struct request *request, struct pool *pool)
{
	struct edit *edits = pool_alloc(pool, request->count * sizeof *edits);
	int directory_fd = open_directory(request);
	struct error error;
	struct buf changed;
	struct buf text;

	must(edits != NULL);
	for (size_t i = 0; i < request->count; i++)
		if (!edit_parse(
			span_text(request->arguments[i]), &edits[i], &error))
			fatal(EX_USAGE, "%s", error.text);
	/* Two postconf at once would lose the changes of one. */
	if (flock(directory_fd, LOCK_EX) != 0)
		fatal(EXIT_FAILURE, "lock %s: %s", request->directory,
		    strerror(errno));
	read_file(directory_fd, "main.cf", &text);
	buf_init(&changed, FILE_MAXIMUM);
	if (!edit_apply(
		buf_span(&text), edits, request->count, &changed, &error) ||
	    !replace_file(directory_fd, "main.cf", buf_span(&changed), &error))
		fatal(EXIT_FAILURE, "%s", error.text);
	buf_finish(&changed);
	buf_finish(&text);
	io_close(&directory_fd);
}

static void
take_option(struct request *request, int option)
{
	switch (option) {
	case 'c':
		request->directory = optarg;
		return;
	case 'd':
		request->is_default = true;
		return;
	case 'e':
		request->is_edit = true;
		return;
	case 'h':
		request->is_value_only = true;
		return;
	case 'M':
		request->is_services = true;
		return;
	case 'n':
		request->is_set_only = true;
		return;
	case 'x':
		request->is_expanded = true;
		return;
	default:
		usage();
	}
}

static struct request
parse_command_line(int argc, char **argv)
{
	const char *directory = getenv("MAIL_CONFIG");
	struct request request = {
	    .directory = directory != NULL ? directory : POSTERN_CONFIG_DIR,
	};
	int option;

	while ((option = getopt(argc, argv, "c:dehMnx")) != -1)
		take_option(&request, option);
	request.arguments = argv + optind;
	request.count = (size_t)(argc - optind);
	/* postconf name=value is an edit, too. */
	if (request.count > 0 && !request.is_services &&
	    strchr(request.arguments[0], '=') != NULL)
		request.is_edit = true;
	if ((request.is_edit && request.count == 0) ||
	    request.is_edit + request.is_services + request.is_default +
		    request.is_set_only >
		1)
		usage();
	return request;
}

int
main(int argc, char **argv)
{
	struct request request = parse_command_line(argc, argv);
	struct pool *pool = pool_create(NULL, "postconf", POOL_NO_MAXIMUM);
	struct warnings warnings;
	struct error error;
	struct buf out;

	fatal_set_report(report);
	warnings_init(&warnings);
	buf_init(&out, OUTPUT_MAXIMUM);
	if (request.is_edit)
		edit_main_cf(&request, pool);
	else if (request.is_services)
		show_master_cf(&request, pool, &out, &warnings);
	else
		show_parameters(&request, pool, &out, &warnings);
	if (!io_write(STDOUT_FILENO, buf_span(&out), &error))
		fatal(EXIT_FAILURE, "%s", error.text);
	print_warnings(&warnings);
	buf_finish(&out);
	pool_destroy(pool);
	return EXIT_SUCCESS;
}
