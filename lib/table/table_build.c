/* SPDX-License-Identifier: MIT */
#include "lib/table/table_build.h"

#include <fcntl.h>
#include <time.h>

#include "lib/base/buf.h"
#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/base/text.h"
#include "lib/table/alias_source.h"
#include "lib/table/db_writer.h"

enum {
	FILE_MAXIMUM = 256 * 1024 * 1024 /* bytes of text */
};

/* What table types can be built. */
static const struct build_type {
	struct span name;
	bool has_file; /* false: readers take the text itself */
	DBTYPE type;
} build_types[] = {
    {{"hash", 4}, true, DB_HASH},
    {{"btree", 5}, true, DB_BTREE},
    {{"texthash", 8}, false, DB_UNKNOWN},
    {{"aliases", 7}, false, DB_UNKNOWN},
};

/* One run of table_build. */
struct build {
	const struct table_build_request *request;
	const struct build_type *type;
	struct warnings *warnings;
	char *text_path;
	struct stat text_status;
	struct buf text;
	struct buf key;           /* scratch */
	struct buf value;         /* scratch */
	struct db_writer *writer; /* NULL unless type->has_file */
};

static bool
find_type(struct build *build, struct error *error)
{
	struct span name = build->request->name;
	struct span type = span_text(build->request->default_type);
	struct span path = name;

	if (name.len == 0 || name.at[0] != '/')
		span_split(name, ':', &type, &path);
	for (size_t i = 0; i < COUNT_OF(build_types); i++)
		if (span_equal(type, build_types[i].name))
			build->type = &build_types[i];
	if (build->type == NULL)
		return error_set(error, ERROR_INVALID,
		    "\"%.*s\": no file can be made for a table of type "
		    "\"%.*s\"",
		    SPAN_ARGS(name), SPAN_ARGS(type));
	if (path.len == 0)
		return error_set(error, ERROR_INVALID,
		    "\"%.*s\": expected type:path", SPAN_ARGS(name));
	build->text_path = memory_copy(path);
	return true;
}

static bool
read_text(struct build *build, struct error *error)
{
	int fd = open(build->text_path, O_RDONLY | O_CLOEXEC);
	bool complete;

	if (fd < 0)
		return error_system(error, "open %s", build->text_path);
	if (fstat(fd, &build->text_status) < 0)
		complete = error_system(error, "stat %s", build->text_path);
	else
		complete = io_read_all(fd, &build->text, error) ||
		    error_prefix(error, "%s", build->text_path);
	io_close(&fd);
	return complete;
}

static bool
open_writer(struct build *build, struct error *error)
{
	struct buf path;

	if (!build->type->has_file)
		return true;
	buf_init(&path, strlen(build->text_path) + 3);
	must(buf_printf(&path, "%s.db", build->text_path));
	build->writer =
	    db_writer_create(buf_text(&path), build->type->type, error);
	buf_finish(&path);
	return build->writer != NULL;
}

/* Keys and values that readers look up as strings end with a NUL. */
static bool
add(struct build *build, struct span key, struct span value, bool *duplicate,
    struct error *error)
{
	*duplicate = false;
	if (build->writer == NULL)
		return true;
	buf_clear(&build->key);
	buf_clear(&build->value);
	must(buf_append_span(&build->key, key));
	must(buf_append_span(&build->value, value));
	if (!build->request->keep_case)
		text_fold(build->key.at, build->key.len);
	must(buf_append_byte(&build->key, '\0'));
	must(buf_append_byte(&build->value, '\0'));
	return db_writer_add(build->writer, buf_span(&build->key),
	    buf_span(&build->value), duplicate, error);
}

static bool
add_entry(
    struct build *build, const struct map_entry *entry, struct error *error)
{
	bool duplicate;

	if (!add(build, entry->key, entry->value, &duplicate, error))
		return false;
	if (duplicate)
		warnings_add(build->warnings,
		    "%s, line %u: duplicate entry \"%.*s\" is ignored",
		    build->text_path, entry->line, SPAN_ARGS(entry->key));
	return true;
}

static bool
add_text(struct build *build, struct error *error)
{
	map_source_reader read =
	    build->request->aliases ? alias_source_next : map_source_next;
	struct map_source source;
	struct map_entry entry;
	struct error words;
	enum map_source_result result = MAP_SOURCE_END;
	bool going = true;

	map_source_init(&source, build->text_path, buf_span(&build->text));
	while (going) {
		result = read(&source, &entry, &words);
		if (result == MAP_SOURCE_ENTRY)
			going = add_entry(build, &entry, error);
		else if (result == MAP_SOURCE_BAD)
			warnings_add(build->warnings, "%s", words.text);
		else
			going = false;
	}
	map_source_finish(&source);
	return result == MAP_SOURCE_END;
}

/* What NIS-aware readers of alias files look for. */
static bool
add_alias_marks(struct build *build, struct error *error)
{
	bool duplicate;
	char now[32];
	int len;

	if (!build->request->aliases || build->writer == NULL)
		return true;
	len = snprintf(now, sizeof now, "%lld", (long long)time(NULL));
	return add(build, SPAN("@"), SPAN("@"), &duplicate, error) &&
	    db_writer_add(build->writer, SPAN("YP_LAST_MODIFIED"),
		span_of(now, (size_t)len), &duplicate, error) &&
	    db_writer_add(build->writer, SPAN("YP_MASTER_NAME"),
		span_text(build->request->host_name), &duplicate, error);
}

static bool
commit(struct build *build, struct error *error)
{
	struct db_writer *writer = build->writer;

	build->writer = NULL;
	return writer == NULL ||
	    db_writer_commit(writer, &build->text_status, error);
}

bool
table_build(const struct table_build_request *request,
    struct warnings *warnings, struct error *error)
{
	struct build build = {.request = request, .warnings = warnings};
	bool done;

	buf_init(&build.text, FILE_MAXIMUM);
	buf_init(&build.key, LOGICAL_LINE_MAXIMUM + 1);
	buf_init(&build.value, LOGICAL_LINE_MAXIMUM + 1);
	done = find_type(&build, error) && read_text(&build, error) &&
	    open_writer(&build, error) && add_text(&build, error) &&
	    add_alias_marks(&build, error) && commit(&build, error);
	db_writer_abort(build.writer);
	buf_finish(&build.text);
	buf_finish(&build.key);
	buf_finish(&build.value);
	free(build.text_path);
	return done;
}
