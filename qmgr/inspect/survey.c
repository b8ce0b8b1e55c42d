/* SPDX-License-Identifier: MIT */
#include "qmgr/inspect/survey.h"

#include <langinfo.h>
#include <locale.h>
#include <sysexits.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/hash.h"
#include "lib/base/memory.h"
#include "lib/base/number.h"
#include "lib/loop/offload.h"

#include "qmgr/inspect/shape_text.h"

enum {
	LISTED_AT_A_TIME = 200,
	POOL_MAXIMUM = 16 << 20,
	TEXT_MAXIMUM = 16 << 20,
	MINUTE = 60,
	ROWS = 20,
	LONGEST_AGE = 1000000 /* minutes */
};

enum survey_part {
	PART_ACTIVE = 1,
	PART_INCOMING = 2,
	PART_DEFERRED = 4,
	PART_HOLD = 8
};

static const struct {
	const char *name;
	unsigned part;
} part_names[] = {
    {"active", PART_ACTIVE},
    {"incoming", PART_INCOMING},
    {"deferred", PART_DEFERRED},
    {"hold", PART_HOLD},
};

struct survey {
	bool by_sender;
	struct shape_ages ages;
	size_t rows;
	unsigned parts;
	struct reach reach;
	struct hash *active;
	struct shape shape;
	int64_t now;
	uint64_t messages;
	uint64_t unreadable;
	bool good;
	struct error error;
};

/* ---- counting ---- */

static struct span
domain_of(struct span address)
{
	size_t at = span_find_last(address, '@');

	if (address.len == 0)
		return SPAN("MAILER-DAEMON");
	return at < address.len ? span_skip(address, at + 1)
				: SPAN("(no domain)");
}

static void
count_recipients(struct survey *survey, const struct stored *stored,
    const struct stored_slice *slice, int64_t age)
{
	struct span sender = domain_of(stored->attribute[ATTRIBUTE_SENDER]);

	for (size_t i = 0; i < slice->count; i++)
		if (slice->recipients[i].state == RECIPIENT_TODO)
			shape_add(&survey->shape,
			    survey->by_sender
				? sender
				: domain_of(slice->recipients[i].address),
			    age);
}

static bool
count_message(struct survey *survey, const struct stored *stored)
{
	int64_t age = (survey->now - stored->arrival) / CLOCK_SECOND;
	struct stored_cursor cursor = {0};
	struct stored_slice slice = {.count = 1};
	bool good = true;

	while (good && slice.count > 0) {
		struct pool *pool = pool_create(NULL, "slice", POOL_MAXIMUM);

		good =
		    stored_read_recipients(pool, stored, &cursor, &slice, NULL);
		if (good)
			count_recipients(survey, stored, &slice, age);
		pool_destroy(pool);
	}
	return good;
}

static bool
is_wanted(const struct survey *survey, const struct locator *locator)
{
	static const unsigned parts[PLACE_COUNT] = {
	    [PLACE_INCOMING] = PART_INCOMING,
	    [PLACE_DEFERRED] = PART_DEFERRED,
	    [PLACE_HOLD] = PART_HOLD,
	};
	bool active =
	    hash_get(survey->active, span_text(locator->id.text)) != NULL;
	unsigned part = active ? PART_ACTIVE : parts[locator->place];

	return (survey->parts & part) != 0;
}

/* A message that goes away meanwhile is none. */
static void
take_message(struct survey *survey, const struct locator *locator)
{
	struct pool *pool = pool_create(NULL, "survey", POOL_MAXIMUM);
	enum stored_result result;
	const struct stored *stored =
	    stored_open(pool, survey->reach.store, locator, &result, NULL);

	if (stored != NULL && count_message(survey, stored))
		survey->messages++;
	else if (stored != NULL || result == STORED_CORRUPT ||
	    result == STORED_FAILED)
		survey->unreadable++;
	pool_destroy(pool);
}

static bool
walk(struct survey *survey, enum store_scope scope)
{
	struct locator *found = memory_alloc(LISTED_AT_A_TIME * sizeof *found);
	struct store_scan *scan =
	    store_scan_open(survey->reach.store, scope, 0, &survey->error);
	bool good = scan != NULL;
	size_t count = good;

	while (good && count > 0) {
		good = store_scan_next(
		    scan, found, LISTED_AT_A_TIME, &count, &survey->error);
		for (size_t i = 0; good && i < count; i++)
			if (is_wanted(survey, &found[i]))
				take_message(survey, &found[i]);
	}
	store_scan_close(scan);
	free(found);
	return good;
}

static void
job_walk(void *argument)
{
	static const struct {
		enum store_scope scope;
		unsigned parts;
	} scopes[] = {
	    {STORE_INCOMING, PART_INCOMING | PART_ACTIVE},
	    {STORE_DEFERRED, PART_DEFERRED | PART_ACTIVE},
	    {STORE_HOLD, PART_HOLD},
	};
	struct survey *survey = argument;

	survey->good = true;
	for (size_t i = 0; i < COUNT_OF(scopes) && survey->good; i++)
		if ((scopes[i].parts & survey->parts) != 0)
			survey->good = walk(survey, scopes[i].scope);
}

static void
run(void *argument)
{
	struct survey *survey = argument;
	struct reach *reach = &survey->reach;

	survey->good =
	    reach_open(reach, reach->instance, REACH_READ, &survey->error);
	if (survey->good)
		survey->active = reach_active(reach, &survey->error);
	survey->good = survey->active != NULL;
	if (survey->good)
		offload_run(job_walk, survey);
	hash_destroy(survey->active);
	reach_close(reach);
}

/* ---- printing ---- */

static bool
wants_unicode(void)
{
	return isatty(STDOUT_FILENO) && setlocale(LC_CTYPE, "") != NULL &&
	    strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

static void
append_title(const struct survey *survey, struct buf *out)
{
	const char *separator = " in ";

	buf_printf(out, "%llu recipient%s of %llu message%s",
	    (unsigned long long)survey->shape.total->total,
	    survey->shape.total->total == 1 ? "" : "s",
	    (unsigned long long)survey->messages,
	    survey->messages == 1 ? "" : "s");
	for (size_t i = 0; i < COUNT_OF(part_names); i++) {
		if ((survey->parts & part_names[i].part) == 0)
			continue;
		buf_printf(out, "%s%s", separator, part_names[i].name);
		separator = ", ";
	}
	buf_append_text(out, " (minutes)\n");
}

static void
append_notes(const struct survey *survey, struct buf *out)
{
	if (survey->shape.has_others)
		buf_printf(out,
		    "Domains beyond the first %d are counted as others.\n",
		    SHAPE_DOMAINS_MAXIMUM);
	if (survey->unreadable > 0)
		buf_printf(out, "%llu messages could not be read.\n",
		    (unsigned long long)survey->unreadable);
}

static int
print(const struct survey *survey)
{
	struct buf out;
	bool written;

	buf_init(&out, TEXT_MAXIMUM);
	append_title(survey, &out);
	shape_table(&survey->shape, survey->rows, &out);
	buf_append_byte(&out, '\n');
	shape_chart(&survey->shape, wants_unicode(), &out);
	append_notes(survey, &out);
	written =
	    fwrite(out.at, out.len, 1, stdout) == 1 && fflush(stdout) == 0;
	buf_finish(&out);
	return written ? EX_OK : EX_IOERR;
}

/* ---- the command line ---- */

static bool
take_number(int64_t minimum, int64_t maximum, int64_t *number)
{
	uint64_t value;

	if (!number_parse(span_text(optarg), (uint64_t)maximum, &value) ||
	    (int64_t)value < minimum)
		return false;
	*number = (int64_t)value;
	return true;
}

static bool
take_option(struct survey *survey, int option)
{
	int64_t number = 0;

	switch (option) {
	case 's':
		survey->by_sender = true;
		return true;
	case 'l':
		survey->ages.linear = true;
		return true;
	case 'b':
		if (!take_number(2, SHAPE_AGES_MAXIMUM, &number))
			return false;
		survey->ages.count = (size_t)number;
		return true;
	case 't':
		if (!take_number(1, LONGEST_AGE, &number))
			return false;
		survey->ages.first = number * MINUTE;
		return true;
	case 'n':
		if (!take_number(0, SHAPE_DOMAINS_MAXIMUM, &number))
			return false;
		survey->rows = (size_t)number;
		return true;
	default:
		return false;
	}
}

static bool
take_part(struct survey *survey, const char *name)
{
	for (size_t i = 0; i < COUNT_OF(part_names); i++)
		if (strcmp(part_names[i].name, name) == 0) {
			survey->parts |= part_names[i].part;
			return true;
		}
	return false;
}

static bool
read_arguments(struct survey *survey, int count, char **arguments)
{
	int option;

	opterr = 0;
	optind = 1;
	while ((option = getopt(count, arguments, "b:ln:st:")) != -1)
		if (!take_option(survey, option))
			return false;
	while (optind < count)
		if (!take_part(survey, arguments[optind++]))
			return false;
	if (survey->parts == 0)
		survey->parts = PART_ACTIVE | PART_INCOMING | PART_DEFERRED;
	return true;
}

int
survey_main(const struct instance *instance, int count, char **arguments)
{
	struct survey survey = {
	    .ages = {.count = 10, .first = 5 * MINUTE},
	    .rows = ROWS,
	    .reach = {.instance = instance},
	    .now = clock_wall(),
	};
	int status = EX_UNAVAILABLE;

	if (!read_arguments(&survey, count, arguments)) {
		fprintf(stderr,
		    "usage: postern queue shape [-l] [-s] [-b columns] "
		    "[-n domains] [-t minutes] "
		    "[active|incoming|deferred|hold ...]\n");
		return EX_USAGE;
	}
	shape_init(&survey.shape, &survey.ages, SHAPE_DOMAINS_MAXIMUM);
	instance_run(run, &survey);
	if (survey.good)
		status = print(&survey);
	else
		fprintf(
		    stderr, "postern queue: fatal: %s\n", survey.error.text);
	shape_finish(&survey.shape);
	return status;
}
