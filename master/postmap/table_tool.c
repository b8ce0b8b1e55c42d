/* SPDX-License-Identifier: MIT */
#include "master/postmap/table_tool.h"

#include <sysexits.h>
#include <unistd.h>

#include "lib/base/io.h"
#include "lib/base/pool.h"
#include "lib/daemon/instance.h"
#include "lib/table/table_build.h"

#include "master/postmap/message_query.h"
#include "master/postmap/table_query.h"

enum {
	INPUT_MAXIMUM = 256 * 1024 * 1024 /* bytes */
};

/* What options turn on. */
enum flag {
	FLAG_BASE64 = 1,
	FLAG_BODY = 2,
	FLAG_HEADER = 4,
	FLAG_IGNORE = 8,
	FLAG_KEEP_CASE = 16,
	FLAG_MIME = 32,
	FLAG_NO_NUL = 64,
	FLAG_NO_UTF8 = 128,
	FLAG_NUL = 256,
	FLAG_REPLACE = 512,
	FLAG_STAY_ROOT = 1024,
	FLAG_USUAL_MODE = 2048,
	FLAG_UTF8 = 4096,
	FLAG_VERBOSE = 8192
};

static const struct {
	char letter;
	bool postmap_only;
	unsigned flag;
} flags[] = {
    {'F', true, FLAG_BASE64},
    {'b', true, FLAG_BODY},
    {'h', true, FLAG_HEADER},
    {'w', false, FLAG_IGNORE},
    {'f', false, FLAG_KEEP_CASE},
    {'m', true, FLAG_MIME},
    {'n', false, FLAG_NO_NUL},
    {'u', false, FLAG_NO_UTF8},
    {'N', false, FLAG_NUL},
    {'r', false, FLAG_REPLACE},
    {'o', false, FLAG_STAY_ROOT},
    {'p', false, FLAG_USUAL_MODE},
    {'U', true, FLAG_UTF8},
    {'v', false, FLAG_VERBOSE},
};

enum operation {
	OPERATION_BUILD,
	OPERATION_ADD,    /* -i */
	OPERATION_DELETE, /* -d */
	OPERATION_LIST,   /* -s */
	OPERATION_QUERY   /* -q */
};

/* One run of the program. */
struct run {
	const struct table_tool *tool;
	const char *directory; /* -c */
	enum operation operation;
	const char *key; /* of -d and -q; "-": standard input */
	unsigned flags;
	char **names; /* of tables, ends with NULL */
	struct instance instance;
	struct buf input; /* standard input, if it is read as a whole */
};

static int
usage(const struct table_tool *tool)
{
	fprintf(stderr,
	    "usage: %s [-%sNfinoprsuvw] [-c directory] [-d key] [-q key] "
	    "[type:]file ...\n"
	    "       only one of -d, -i, -q, -s; only one of -n, -N%s\n",
	    tool->name, tool->aliases ? "" : "FUbhm",
	    tool->aliases ? "" : "; -b, -h, -m only with -q -");
	return EX_USAGE;
}

static bool
set_flag(struct run *run, int letter)
{
	for (size_t i = 0; i < COUNT_OF(flags); i++) {
		if (letter != flags[i].letter ||
		    (flags[i].postmap_only && run->tool->aliases))
			continue;
		run->flags |= flags[i].flag;
		return true;
	}
	return false;
}

static bool
set_operation(struct run *run, enum operation operation, const char *key)
{
	if (run->operation != OPERATION_BUILD)
		return false;
	run->operation = operation;
	run->key = key;
	return true;
}

static bool
take_option(struct run *run, int letter)
{
	switch (letter) {
	case 'c':
		run->directory = optarg;
		return true;
	case 'd':
		return set_operation(run, OPERATION_DELETE, optarg);
	case 'i':
		return set_operation(run, OPERATION_ADD, NULL);
	case 'q':
		return set_operation(run, OPERATION_QUERY, optarg);
	case 's':
		return set_operation(run, OPERATION_LIST, NULL);
	default:
		return set_flag(run, letter);
	}
}

static bool
take_options(struct run *run, int argc, char **argv)
{
	const unsigned message = FLAG_BODY | FLAG_HEADER | FLAG_MIME;
	const unsigned ends = FLAG_NUL | FLAG_NO_NUL;
	bool reads_keys;
	int letter;

	while ((letter = getopt(argc, argv, "FNUbc:d:fhimnopq:rsuvw")) != -1)
		if (!take_option(run, letter))
			return false;
	run->names = argv + optind;
	reads_keys =
	    run->operation == OPERATION_QUERY && strcmp(run->key, "-") == 0;
	return optind < argc && (run->flags & ends) != ends &&
	    ((run->flags & message) == 0 || reads_keys);
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

static bool
has(const struct run *run, unsigned flag)
{
	return (run->flags & flag) != 0;
}

static bool
checks_utf8(const struct run *run)
{
	return has(run, FLAG_UTF8) ||
	    (run->instance.common.smtputf8_enable && !has(run, FLAG_NO_UTF8));
}

static struct table_build_request
build_request(const struct run *run, const char *name)
{
	struct table_build_request request = {
	    .name = span_text(name),
	    .default_type = run->instance.common.default_database_type,
	    .keep_case = has(run, FLAG_KEEP_CASE),
	    .aliases = run->tool->aliases,
	    .host_name = run->instance.common.myhostname,
	    .is_addition = run->operation == OPERATION_ADD,
	    .text = buf_span(&run->input),
	    .value_is_file = has(run, FLAG_BASE64),
	    .check_utf8 = checks_utf8(run),
	    .usual_mode = has(run, FLAG_USUAL_MODE),
	    .stay_root = has(run, FLAG_STAY_ROOT),
	};

	if (has(run, FLAG_REPLACE))
		request.duplicates = TABLE_BUILD_REPLACE;
	else if (has(run, FLAG_IGNORE))
		request.duplicates = TABLE_BUILD_IGNORE;
	if (has(run, FLAG_NUL))
		request.end = TABLE_BUILD_END_NUL;
	else if (has(run, FLAG_NO_NUL))
		request.end = TABLE_BUILD_END_NONE;
	return request;
}

static int
build_all(struct run *run)
{
	struct error error;

	if (run->operation == OPERATION_ADD &&
	    !io_read_all(STDIN_FILENO, &run->input, &error))
		return fail(run, &error);
	for (char **name = run->names; *name != NULL; name++) {
		const struct table_build_request request =
		    build_request(run, *name);
		struct warnings warnings;
		bool built;

		warnings_init(&warnings);
		built = table_build(&request, &warnings, &error);
		print_warnings(run, &warnings);
		if (!built)
			return fail(run, &error);
		if (has(run, FLAG_VERBOSE))
			fprintf(
			    stderr, "%s: %s is made\n", run->tool->name, *name);
	}
	return EXIT_SUCCESS;
}

/* All tables lose the keys; it is a success when one had one. */
static int
delete_keys(struct run *run)
{
	int status = EXIT_FAILURE;
	struct error error;

	if (strcmp(run->key, "-") != 0)
		(void)buf_append_text(&run->input, run->key);
	else if (!io_read_all(STDIN_FILENO, &run->input, &error))
		return fail(run, &error);
	for (char **name = run->names; *name != NULL; name++) {
		const struct table_build_request request =
		    build_request(run, *name);
		size_t found;

		if (!table_build_without(&request, &found, &error))
			return fail(run, &error);
		if (found > 0)
			status = EXIT_SUCCESS;
	}
	return status;
}

static void
close_table(void *table)
{
	table_close(table);
}

static bool
open_tables(struct run *run, const struct table_options *options,
    struct table ***tables, struct error *error)
{
	struct pool *pool = run->instance.pool;
	size_t count = 0;

	while (run->names[count] != NULL)
		count++;
	*tables = pool_alloc_fitting(pool, (count + 1) * sizeof **tables);
	for (size_t i = 0; i < count; i++) {
		(*tables)[i] = table_open(span_text(run->names[i]),
		    run->instance.common.default_database_type, options, error);
		if ((*tables)[i] == NULL)
			return false;
		pool_on_destroy(pool, close_table, (*tables)[i]);
	}
	return true;
}

static unsigned
message_parts(const struct run *run)
{
	unsigned parts = 0;

	if (has(run, FLAG_HEADER))
		parts |= MESSAGE_QUERY_HEADER;
	if (has(run, FLAG_BODY))
		parts |= MESSAGE_QUERY_BODY;
	if (has(run, FLAG_MIME))
		parts |= MESSAGE_QUERY_MIME;
	return parts;
}

/* Tables that are open are asked or listed. */
static int
ask_tables(struct run *run, struct table **tables)
{
	const struct table_query query = {
	    .tables = tables,
	    .key = run->key,
	    .message_parts = message_parts(run),
	    .value_is_base64 = has(run, FLAG_BASE64),
	    .check_utf8 = checks_utf8(run),
	};
	struct error error = {.kind = ERROR_NONE};
	int status = EXIT_SUCCESS;

	if (run->operation == OPERATION_QUERY)
		status = table_query_run(&query, &error);
	else if (!table_query_list(&query, &error))
		status = EXIT_FAILURE;
	if (fflush(stdout) != 0 || ferror(stdout))
		error_system(&error, "write");
	return error.kind == ERROR_NONE ? status : fail(run, &error);
}

static int
ask(struct run *run)
{
	struct warnings warnings;
	struct table_options options = {
	    .keep_case = has(run, FLAG_KEEP_CASE), .warnings = &warnings};
	struct table **tables;
	struct error error;
	bool opened;

	warnings_init(&warnings);
	/* An instance that belongs to one user has its own users. */
	if (run->instance.common.mail_owner[0] == '\0')
		options.passwd_path = pool_printf(
		    run->instance.pool, "%s/passwd", run->instance.directory);
	opened = open_tables(run, &options, &tables, &error);
	print_warnings(run, &warnings);
	return opened ? ask_tables(run, tables) : fail(run, &error);
}

static int
act(struct run *run)
{
	switch (run->operation) {
	case OPERATION_BUILD:
	case OPERATION_ADD:
		return build_all(run);
	case OPERATION_DELETE:
		return delete_keys(run);
	case OPERATION_LIST:
	case OPERATION_QUERY:
		break;
	}
	return ask(run);
}

int
table_tool_run(const struct table_tool *tool, int argc, char **argv)
{
	struct run run = {.tool = tool};
	struct error error;
	int status;

	if (!take_options(&run, argc, argv))
		return usage(tool);
	buf_init(&run.input, INPUT_MAXIMUM);
	if (instance_open(&run.instance, run.directory, tool->name, &error))
		status = act(&run);
	else
		status = fail(&run, &error);
	instance_close(&run.instance);
	buf_finish(&run.input);
	return status;
}
