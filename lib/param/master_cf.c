/* SPDX-License-Identifier: MIT */
#include "lib/param/master_cf.h"

#include "lib/base/number.h"
#include "lib/base/text.h"
#include "lib/param/config.h"
#include "lib/param/logical_line.h"
#include "lib/param/port.h"
#include "lib/param/word_list.h"

#define SERVICES_MAXIMUM 1000
#define WAKEUP_MAXIMUM   86400
#define MAXPROC_MAXIMUM  1000000

static const struct span dash = {"-", 1};

static const char *const type_names[] = {
    [MASTER_INET] = "inet",
    [MASTER_UNIX] = "unix",
    [MASTER_PASS] = "pass",
    [MASTER_UNIX_DGRAM] = "unix-dgram",
};

const char *
master_cf_type_name(enum master_type type)
{
	return type_names[type];
}

/* Each column's parser; *error says what was expected. */

static bool
parse_name(struct master_service *service, struct span word,
    struct error *error UNUSED)
{
	service->name = word;
	return true;
}

static bool
is_inet_name(struct span name)
{
	struct span host;
	struct span port;

	return port_split(name, &host, &port);
}

/* A name of a socket: no path. */
static bool
is_unix_name(struct span name)
{
	return name.at[0] != '.' && span_find(name, '/') == name.len;
}

static bool
parse_type(
    struct master_service *service, struct span word, struct error *error)
{
	size_t type = 0;

	if (span_equal(word, SPAN("fifo")))
		word = SPAN("unix");
	while (type < COUNT_OF(type_names) &&
	    !span_equal(word, span_text(type_names[type])))
		type++;
	if (type == COUNT_OF(type_names))
		return error_set(error, ERROR_INVALID,
		    "expected inet, unix, fifo, pass or unix-dgram");
	service->type = (enum master_type)type;
	if (service->type == MASTER_INET && !is_inet_name(service->name))
		return error_set(error, ERROR_INVALID,
		    "expected a name such as smtp, 2525, host:port or "
		    "[v6]:port before it");
	if (service->type != MASTER_INET && !is_unix_name(service->name))
		return error_set(error, ERROR_INVALID,
		    "expected a name without \"/\" before it");
	return true;
}

static bool
parse_flag(struct span word, bool when_dash, bool *flag, struct error *error)
{
	*flag = span_equal(word, SPAN("y")) ||
	    (when_dash && span_equal(word, dash));
	return *flag || span_equal(word, SPAN("n")) || span_equal(word, dash) ||
	    error_set(error, ERROR_INVALID, "expected y, n or -");
}

static bool
parse_private(
    struct master_service *service, struct span word, struct error *error)
{
	return parse_flag(word, true, &service->is_private, error);
}

static bool
parse_unprivileged(
    struct master_service *service, struct span word, struct error *error)
{
	return parse_flag(word, true, &service->is_unprivileged, error);
}

static bool
parse_chroot(
    struct master_service *service, struct span word, struct error *error)
{
	return parse_flag(word, false, &service->is_chrooted, error);
}

static bool
parse_wakeup(
    struct master_service *service, struct span word, struct error *error)
{
	uint64_t seconds = 0;

	if (span_equal(word, dash))
		return true;
	if (word.at[word.len - 1] == '?') {
		service->wakeup_if_used = true;
		word.len--;
	}
	if (!number_parse(word, WAKEUP_MAXIMUM, &seconds))
		return error_set(error, ERROR_INVALID,
		    "expected - or a number of seconds up to %d, a \"?\" may "
		    "follow",
		    WAKEUP_MAXIMUM);
	service->wakeup = (int64_t)seconds;
	return true;
}

static bool
parse_maxproc(
    struct master_service *service, struct span word, struct error *error)
{
	uint64_t count;

	service->maxproc = MASTER_DEFAULT;
	if (span_equal(word, dash))
		return true;
	if (!number_parse(word, MAXPROC_MAXIMUM, &count))
		return error_set(error, ERROR_INVALID,
		    "expected - or a number up to %d", MAXPROC_MAXIMUM);
	service->maxproc = (int64_t)count;
	return true;
}

static bool
parse_command(
    struct master_service *service, struct span word, struct error *error)
{
	service->command = word;
	return span_find(word, '/') == word.len ||
	    error_set(error, ERROR_INVALID,
		"expected the name of a program in daemon_directory");
}

struct column {
	const char *name;
	bool (*parse)(struct master_service *service, struct span word,
	    struct error *error);
};

static const struct column columns[] = {
    {"service", parse_name},
    {"type", parse_type},
    {"private", parse_private},
    {"unpriv", parse_unprivileged},
    {"chroot", parse_chroot},
    {"wakeup", parse_wakeup},
    {"maxproc", parse_maxproc},
    {"command", parse_command},
};

static bool
parse_columns(
    struct master_service *service, struct span *rest, struct error *error)
{
	for (size_t i = 0; i < COUNT_OF(columns); i++) {
		struct span word;

		if (!word_list_next_argument(rest, &word))
			return error_set(error, ERROR_INVALID,
			    "expected 8 columns (service type private unpriv "
			    "chroot wakeup maxproc command), found %zu",
			    i);
		if (!columns[i].parse(service, word, error))
			return error_prefix(error, "%s = %.*s", columns[i].name,
			    SPAN_ARGS(span_head(word, 40)));
	}
	return true;
}

/* `setting` is what follows -o: name=value or a group. */
static bool
add_option(
    struct master_service *service, struct span setting, struct error *error)
{
	struct master_option *option = &service->options[service->option_count];

	word_list_group(setting, &setting);
	if (!config_split(setting, &option->name, &option->value))
		return error_set(error, ERROR_INVALID,
		    "expected -o name=value or -o { name = value }, found "
		    "\"%.*s\"",
		    SPAN_ARGS(span_head(setting, 40)));
	service->option_count++;
	return true;
}

/* `word` begins with a dash; the value of -o may be the next word. */
static bool
parse_option(struct master_service *service, struct span word,
    struct span *rest, struct error *error)
{
	struct span letters = span_skip(word, 1);
	struct span setting = span_skip(word, 2);

	if (letters.len > 0 && letters.at[0] == 'o') {
		if (setting.len == 0)
			word_list_next_argument(rest, &setting);
		return add_option(service, setting, error);
	}
	for (size_t i = 0; i < letters.len; i++) {
		if (letters.at[i] == 'v')
			service->verbose++;
		else if (letters.at[i] == 'D')
			service->debug = true;
		else
			letters.len = 0;
	}
	return letters.len > 0 ||
	    error_set(error, ERROR_INVALID,
		"expected -o name=value, -v, -D or an argument, found "
		"\"%.*s\"",
		SPAN_ARGS(span_head(word, 40)));
}

static size_t
count_words(struct span rest)
{
	struct span word;
	size_t count = 0;

	while (word_list_next_argument(&rest, &word))
		count++;
	return count;
}

/* What follows the columns: options, then the other words. */
static bool
parse_arguments(struct pool *pool, struct master_service *service,
    struct span rest, struct error *error)
{
	size_t most = count_words(rest);
	struct span word;

	service->options = pool_alloc(pool, most * sizeof(*service->options));
	service->arguments =
	    pool_alloc(pool, most * sizeof(*service->arguments));
	if (service->options == NULL || service->arguments == NULL)
		return error_set(error, ERROR_LIMIT, "too long");
	while (word_list_next_argument(&rest, &word)) {
		if (service->argument_count == 0 && word.at[0] == '-') {
			if (!parse_option(service, word, &rest, error))
				return false;
			continue;
		}
		word_list_group(word, &word);
		service->arguments[service->argument_count++] = word;
	}
	return true;
}

static bool
parse_service(struct pool *pool, struct span line,
    struct master_service *service, struct error *error)
{
	struct span rest;

	if (service->where == NULL || !pool_copy_span(pool, line, &rest))
		return error_set(error, ERROR_LIMIT, "too long");
	service->text = rest;
	return parse_columns(service, &rest, error) &&
	    parse_arguments(pool, service, rest, error);
}

const struct master_service *
master_cf_find(
    const struct master_cf *master_cf, struct span name, enum master_type type)
{
	for (size_t i = 0; i < master_cf->count; i++)
		if (master_cf->services[i].type == type &&
		    span_equal(master_cf->services[i].name, name))
			return &master_cf->services[i];
	return NULL;
}

/* Adds `service`, or puts it in the place of its namesake. */
static void
add_service(struct master_cf *master_cf, const struct master_service *service,
    struct warnings *warnings)
{
	const struct master_service *earlier =
	    master_cf_find(master_cf, service->name, service->type);

	if (earlier == NULL) {
		master_cf->services[master_cf->count++] = *service;
		return;
	}
	warnings_add(warnings,
	    "%s: overriding earlier entry: service \"%.*s\" %s", service->where,
	    SPAN_ARGS(service->name), master_cf_type_name(service->type));
	master_cf->services[earlier - master_cf->services] = *service;
}

/* Logical lines up to the end or the first bad one. */
static size_t
count_lines(struct logical_line_reader reader, struct buf *line)
{
	size_t count = 0;

	while (logical_line_next(&reader, line, NULL) == LOGICAL_LINE_TEXT)
		count++;
	return count;
}

static bool
read_services(struct pool *pool, struct logical_line_reader *reader,
    struct buf *line, struct master_cf *master_cf, struct warnings *warnings,
    struct error *error)
{
	enum logical_line_result result;

	while ((result = logical_line_next(reader, line, error)) ==
	    LOGICAL_LINE_TEXT) {
		struct master_service service = {
		    .where = pool_printf(
			pool, "%s, line %u", reader->file, reader->number),
		};

		if (!parse_service(pool, buf_span(line), &service, error))
			return error_prefix(
			    error, "%s, line %u", reader->file, reader->number);
		add_service(master_cf, &service, warnings);
	}
	return result == LOGICAL_LINE_END;
}

bool
master_cf_parse(struct pool *pool, const char *file, struct span text,
    struct master_cf *master_cf, struct warnings *warnings, struct error *error)
{
	struct logical_line_reader reader;
	struct buf line;
	size_t count;
	bool good;

	logical_line_start(&reader, file, text);
	buf_init(&line, LOGICAL_LINE_MAXIMUM);
	count = count_lines(reader, &line);
	*master_cf = (struct master_cf){.count = 0};
	if (count <= SERVICES_MAXIMUM)
		master_cf->services =
		    pool_alloc(pool, count * sizeof *master_cf->services);
	if (master_cf->services == NULL)
		good = error_set(
		    error, ERROR_LIMIT, "%s: too many services", file);
	else
		good = read_services(
		    pool, &reader, &line, master_cf, warnings, error);
	buf_finish(&line);
	return good;
}
