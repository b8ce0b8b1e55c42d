/* SPDX-License-Identifier: MIT */
#include "master/postmap/table_tool.h"

#include <sysexits.h>
#include <unistd.h>

#include "lib/base/pool.h"
#include "lib/daemon/instance.h"
#include "lib/table/table.h"
#include "lib/table/table_build.h"

enum {
	VALUE_MAXIMUM = 16 * 1024 * 1024 /* bytes */
};

/* One run of the program. */
struct run {
	const struct table_tool *tool;
	const char *directory; /* -c */
	const char *key;       /* -q; "-" reads keys from standard input */
	bool keep_case;        /* -f */
	char **names;          /* of tables, ends with NULL */
	struct instance instance;
	struct table_options options;
	struct table **tables; /* those of `names`, ends with NULL */
	struct buf value;
};

static int
usage(const struct table_tool *tool)
{
	fprintf(stderr,
	    "usage: %s [-f] [-c directory] [type:]file ...\n"
	    "       %s [-f] [-c directory] -q key [type:]file ...\n"
	    "       %s [-f] [-c directory] -q - [type:]file ... <keys\n",
	    tool->name, tool->name, tool->name);
	return EX_USAGE;
}

static bool
take_options(struct run *run, int argc, char **argv)
{
	int option;

	while ((option = getopt(argc, argv, "c:fq:")) != -1) {
		switch (option) {
		case 'c':
			run->directory = optarg;
			break;
		case 'f':
			run->keep_case = true;
			break;
		case 'q':
			run->key = optarg;
			break;
		default:
			return false;
		}
	}
	run->names = argv + optind;
	return optind < argc;
}

static void
print_warnings(const struct run *run, struct warnings *warnings)
{
	for (size_t i = 0; i < warnings->count; i++)
		fprintf(stderr, "%s: warning: %s\n", run->tool->name,
		    warnings->text[i]);
	if (warnings->dropped > 0)
		fprintf(stderr, "%s: warning: %zu more warnings\n",
		    run->tool->name, warnings->dropped);
	warnings_finish(warnings);
}

static int
fail(const struct run *run, const struct error *error)
{
	fprintf(stderr, "%s: fatal: %s\n", run->tool->name, error->text);
	return EXIT_FAILURE;
}

static int
build_all(struct run *run)
{
	const struct common_params *common = &run->instance.common;

	for (char **name = run->names; *name != NULL; name++) {
		const struct table_build_request request = {
		    .name = span_text(*name),
		    .default_type = common->default_database_type,
		    .keep_case = run->keep_case,
		    .aliases = run->tool->aliases,
		    .host_name = common->myhostname,
		};
		struct warnings warnings;
		struct error error;
		bool built;

		warnings_init(&warnings);
		built = table_build(&request, &warnings, &error);
		print_warnings(run, &warnings);
		if (!built)
			return fail(run, &error);
	}
	return EXIT_SUCCESS;
}

/* The first table that has the key answers. */
static enum table_result
look_up(struct run *run, struct span key, struct error *error)
{
	enum table_result result = TABLE_NOT_FOUND;

	for (size_t i = 0; run->tables[i] != NULL && result == TABLE_NOT_FOUND;
	     i++)
		result = table_get(run->tables[i], key, &run->value, error);
	return result;
}

static int
query_one(struct run *run)
{
	struct error error;
	enum table_result result = look_up(run, span_text(run->key), &error);

	if (result == TABLE_TRY_AGAIN)
		return fail(run, &error);
	if (result == TABLE_NOT_FOUND)
		return EXIT_FAILURE;
	printf("%s\n", buf_text(&run->value));
	return EXIT_SUCCESS;
}

/* Every line of standard input is a key; those that are found are printed. */
static int
query_input(struct run *run)
{
	int status = EXIT_FAILURE;
	char *line = NULL;
	size_t size = 0;
	ssize_t len;

	while ((len = getline(&line, &size, stdin)) >= 0) {
		struct span key = span_trim(span_of(line, (size_t)len));
		struct error error;
		enum table_result result = look_up(run, key, &error);

		if (result == TABLE_TRY_AGAIN) {
			status = fail(run, &error);
			break;
		}
		if (result == TABLE_NOT_FOUND)
			continue;
		printf("%.*s\t%s\n", SPAN_ARGS(key), buf_text(&run->value));
		status = EXIT_SUCCESS;
	}
	free(line);
	return status;
}

static void
close_table(void *table)
{
	table_close(table);
}

static bool
open_tables(struct run *run, struct error *error)
{
	struct pool *pool = run->instance.pool;
	size_t count = 0;

	while (run->names[count] != NULL)
		count++;
	run->tables = pool_alloc(pool, (count + 1) * sizeof *run->tables);
	must(run->tables != NULL);
	for (size_t i = 0; i < count; i++) {
		run->tables[i] = table_open(span_text(run->names[i]),
		    run->instance.common.default_database_type, &run->options,
		    error);
		if (run->tables[i] == NULL)
			return false;
		pool_on_destroy(pool, close_table, run->tables[i]);
	}
	return true;
}

static int
query(struct run *run)
{
	struct warnings warnings;
	struct error error;
	bool opened;
	int status;

	warnings_init(&warnings);
	run->options.keep_case = run->keep_case;
	run->options.warnings = &warnings;
	/* An instance that belongs to one user has its own users. */
	if (run->instance.common.mail_owner[0] == '\0')
		run->options.passwd_path = pool_printf(
		    run->instance.pool, "%s/passwd", run->instance.directory);
	opened = open_tables(run, &error);
	print_warnings(run, &warnings);
	if (!opened)
		return fail(run, &error);
	buf_init(&run->value, VALUE_MAXIMUM);
	status = strcmp(run->key, "-") == 0 ? query_input(run) : query_one(run);
	buf_finish(&run->value);
	if (fflush(stdout) == 0 && !ferror(stdout))
		return status;
	error_system(&error, "write");
	return fail(run, &error);
}

int
table_tool_run(const struct table_tool *tool, int argc, char **argv)
{
	struct run run = {.tool = tool};
	struct error error;
	int status;

	if (!take_options(&run, argc, argv))
		return usage(tool);
	if (!instance_open(&run.instance, run.directory, tool->name, &error))
		status = fail(&run, &error);
	else if (run.key == NULL)
		status = build_all(&run);
	else
		status = query(&run);
	instance_close(&run.instance);
	return status;
}
