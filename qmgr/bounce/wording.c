/* SPDX-License-Identifier: MIT */
#include "qmgr/bounce/wording.h"

#include <fcntl.h>
#include <inttypes.h>

#include "lib/base/io.h"
#include "lib/daemon/service.h"
#include "lib/log/log.h"
#include "lib/param/duration.h"

#include "qmgr/bounce/params.h"

enum {
	NAMES_MAXIMUM = 1 << 20, /* bytes of the values of one text */
	VALUE_MAXIMUM = 1024
};

static struct template_set wording;

/* ---- names ---- */

static const struct {
	const char *end;
	int64_t seconds;
} units[] = {
    {"_seconds", 1},
    {"_minutes", 60},
    {"_hours", 3600},
    {"_days", 86400},
    {"_weeks", 604800},
};

/* What a number alone means for them. */
static const struct {
	const char *name;
	char unit;
} durations[] = {
    {"delay_warning_time", 'h'},
    {"maximal_queue_lifetime", 'd'},
};

struct names {
	const struct param_source *source;
	struct pool *pool;
};

/* The duration parameter `name` in seconds. */
static bool
find_duration(
    struct names *names, struct span name, char unit, int64_t *seconds)
{
	struct span text;
	struct buf value;
	bool good;

	buf_init(&value, VALUE_MAXIMUM);
	good = param_get(names->source, names->pool, name, &text) &&
	    param_expand(names->source, text, &value, NULL) &&
	    duration_parse(buf_span(&value), unit, seconds);
	buf_finish(&value);
	return good;
}

/* "maximal_queue_lifetime_days": whole ones, as an administrator reads them. */
static bool
find_in_unit(
    struct names *names, struct span name, int64_t unit, struct span *value)
{
	int64_t seconds;
	char *text;

	for (size_t i = 0; i < COUNT_OF(durations); i++) {
		if (!span_equal(name, span_text(durations[i].name)) ||
		    !find_duration(names, name, durations[i].unit, &seconds))
			continue;
		text = pool_printf(
		    names->pool, "%" PRId64, (seconds + unit / 2) / unit);
		*value = span_text(text);
		return text != NULL;
	}
	return false;
}

static bool
find(void *argument, struct span name, struct span *value)
{
	struct names *names = argument;

	for (size_t i = 0; i < COUNT_OF(units); i++) {
		struct span end = span_text(units[i].end);

		if (span_ends(name, end) &&
		    find_in_unit(names, span_head(name, name.len - end.len),
			units[i].seconds, value))
			return true;
	}
	return param_get(names->source, names->pool, name, value);
}

bool
wording_expand(const struct template *template,
    const struct param_source *source, struct buf *out, struct error *error)
{
	struct names names = {
	    .source = source,
	    .pool = pool_create(NULL, "template", NAMES_MAXIMUM),
	};
	struct expand_names resolver = {.find = find, .argument = &names};
	bool good = template_expand(template, &resolver, out, error);

	pool_destroy(names.pool);
	return good;
}

/* ---- the file ---- */

static bool
try_all(const struct template_set *set, const struct param_source *source,
    struct error *error)
{
	bool good = true;

	for (size_t i = 0; i < TEMPLATE_COUNT && good; i++) {
		struct buf text;

		buf_init(&text, TEMPLATE_TEXT_MAXIMUM);
		good = wording_expand(&set->of[i], source, &text, error);
		buf_finish(&text);
	}
	return good;
}

bool
wording_read(struct template_set *set, const char *path,
    const struct param_source *source, struct pool *pool, struct error *error)
{
	struct template_set found = *set;
	struct span text;
	struct buf file;
	bool good;

	buf_init(&file, TEMPLATE_FILE_MAXIMUM);
	good = io_read_file(AT_FDCWD, path, &file, error) &&
	    (pool_copy_span(pool, buf_span(&file), &text) ||
		error_set(error, ERROR_LIMIT, "out of memory")) &&
	    template_parse(&found, text, error) &&
	    try_all(&found, source, error);
	buf_finish(&file);
	if (good)
		*set = found;
	return good || error_prefix(error, "bounce_template_file %s", path);
}

bool
wording_open(struct error *error)
{
	const char *path = bounce_params.bounce_template_file;

	wording = template_builtin;
	if (path[0] == '\0' ||
	    wording_read(
		&wording, path, service_param_source(), service_pool(), error))
		return true;
	if (service_is_check())
		return false;
	log_warning(NULL, "%s; the built-in templates are used", error->text);
	return true;
}

const struct template *
wording_for(enum notice_kind kind)
{
	static const enum template_kind kinds[] = {
	    [NOTICE_FAILURE] = TEMPLATE_FAILURE,
	    [NOTICE_DELAY] = TEMPLATE_DELAY,
	    [NOTICE_SUCCESS] = TEMPLATE_SUCCESS,
	};

	return &wording.of[kinds[kind]];
}
