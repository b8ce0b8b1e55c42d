/* SPDX-License-Identifier: MIT */
#include "master/environment.h"

#include <fcntl.h>

#include "lib/base/io.h"
#include "lib/param/word_list.h"

enum {
	VARIABLES_MAXIMUM = 64,
	ZONE_FILE_MAXIMUM = 65536
};

struct span
environment_zone_rule(struct span file)
{
	size_t start;

	/* Version 2 on: a second block of data, then the rule on a line. */
	if (!span_starts(file, SPAN("TZif")) || file.len < 5 ||
	    file.at[4] < '2' || !span_ends(file, SPAN("\n")))
		return SPAN_EMPTY;
	file.len--;
	start = span_find_last(file, '\n');
	return start == file.len ? SPAN_EMPTY : span_skip(file, start + 1);
}

static char *
local_zone(struct pool *pool)
{
	struct buf file;
	struct span rule = SPAN_EMPTY;
	char *setting = NULL;

	buf_init(&file, ZONE_FILE_MAXIMUM);
	if (io_read_file(AT_FDCWD, "/etc/localtime", &file, NULL))
		rule = environment_zone_rule(buf_span(&file));
	if (rule.len > 0)
		setting = pool_printf(pool, "TZ=%.*s", SPAN_ARGS(rule));
	buf_finish(&file);
	return setting;
}

static char *
imported(struct pool *pool, struct span word)
{
	const char *name = pool_copy(pool, word);
	const char *value;

	if (name == NULL)
		return NULL;
	if (strchr(name, '=') != NULL)
		return pool_copy(pool, word);
	value = getenv(name);
	return value == NULL ? NULL : pool_printf(pool, "%s=%s", name, value);
}

char *const *
environment_make(struct pool *pool, struct span import)
{
	char **variables =
	    pool_alloc(pool, VARIABLES_MAXIMUM * sizeof *variables);
	size_t count = 0;
	bool has_zone = false;
	struct span word;

	must(variables != NULL);
	variables[count++] = pool_copy(pool, SPAN("PATH=/usr/bin:/bin"));
	while (
	    count < VARIABLES_MAXIMUM - 2 && word_list_next(&import, &word)) {
		struct span inside;
		char *setting = imported(
		    pool, word_list_group(word, &inside) ? inside : word);

		if (setting == NULL)
			continue;
		variables[count++] = setting;
		has_zone |= span_starts(span_text(setting), SPAN("TZ="));
	}
	if (!has_zone)
		variables[count] = local_zone(pool);
	return variables;
}
