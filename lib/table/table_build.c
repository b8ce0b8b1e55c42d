/* SPDX-License-Identifier: MIT */
#include "lib/table/table_build.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/base64.h"
#include "lib/base/buf.h"
#include "lib/base/hash.h"
#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/base/text.h"
#include "lib/param/word_list.h"
#include "lib/table/alias_source.h"
#include "lib/table/table.h"
#include "lib/table/table_writer.h"
#include "lib/table/text_file.h"

enum {
	VALUE_MAXIMUM = 16 * 1024 * 1024, /* bytes of files, as base64 */
	USUAL_MODE = 0644
};

/* Types that have no file of their own: readers take the text. */
static const char *const text_types[] = {"texthash", "aliases"};

/* One run. */
struct build {
	const struct table_build_request *request;
	const struct table_file *file; /* NULL: the text is only checked */
	struct warnings *warnings;
	char *text_path;
	char *file_path;    /* NULL without `file` */
	char *name;         /* type:text_path */
	struct stat status; /* whose owner and mode the file gets */
	bool has_left_root; /* and is the owner of the text */
	struct buf text;
	struct buf key;   /* scratch */
	struct buf value; /* scratch */
	struct table_writer *writer;
	struct hash *unwanted; /* keys that are not copied */
	size_t removed;
	struct error failure; /* of a visit */
};

static bool
is_text_type(struct span type)
{
	for (size_t i = 0; i < COUNT_OF(text_types); i++)
		if (span_equal(type, span_text(text_types[i])))
			return true;
	return false;
}

static char *
join(struct span a, const char *between, struct span b)
{
	struct buf joined;
	char *copy;

	buf_init(&joined, a.len + strlen(between) + b.len);
	must(buf_append_span(&joined, a) && buf_append_text(&joined, between) &&
	    buf_append_span(&joined, b));
	copy = memory_copy(buf_span(&joined));
	buf_finish(&joined);
	return copy;
}

static bool
find_type(struct build *build, struct error *error)
{
	struct span name = build->request->name;
	struct span type = span_text(build->request->default_type);
	struct span path = name;

	if (name.len == 0 || name.at[0] != '/')
		span_split(name, ':', &type, &path);
	build->file = table_file_find(type);
	if (build->file == NULL && !is_text_type(type))
		return error_set(error, ERROR_INVALID,
		    "\"%.*s\": no file can be made for a table of type "
		    "\"%.*s\"",
		    SPAN_ARGS(name), SPAN_ARGS(type));
	if (path.len == 0)
		return error_set(error, ERROR_INVALID,
		    "\"%.*s\": expected type:path", SPAN_ARGS(name));
	build->text_path = memory_copy(path);
	build->name = join(type, ":", path);
	if (build->file != NULL)
		build->file_path = join(path, build->file->suffix, SPAN_EMPTY);
	return true;
}

/* In a directory of somebody else's root would follow his links. */
static bool
leave_root(struct build *build, struct error *error)
{
	const struct stat *status = &build->status;

	if (geteuid() != 0 || build->request->stay_root || status->st_uid == 0)
		return true;
	build->has_left_root = true;
	return (setegid(status->st_gid) == 0 && seteuid(status->st_uid) == 0) ||
	    error_system(error, "become the owner of %s", build->text_path);
}

static bool
read_text(struct build *build, struct error *error)
{
	int fd = open(build->text_path, O_RDONLY | O_CLOEXEC);
	bool complete;

	if (fd < 0)
		return error_system(error, "open %s", build->text_path);
	if (fstat(fd, &build->status) < 0)
		complete = error_system(error, "stat %s", build->text_path);
	else
		complete = io_read_all(fd, &build->text, error) ||
		    error_prefix(error, "%s", build->text_path);
	io_close(&fd);
	return complete;
}

/* The old file, or if there is none the usual mode, is what the new one shall
 * be like. */
static bool
look_at_file(struct build *build, struct error *error)
{
	if (stat(build->file_path, &build->status) == 0)
		return true;
	if (errno != ENOENT)
		return error_system(error, "stat %s", build->file_path);
	build->status = (struct stat){
	    .st_uid = geteuid(), .st_gid = getegid(), .st_mode = USUAL_MODE};
	return true;
}

static bool
get_text(struct build *build, struct error *error)
{
	if (!build->request->is_addition)
		return read_text(build, error) && leave_root(build, error);
	if (build->file == NULL)
		return error_set(error, ERROR_INVALID,
		    "%s: there is no file that could be changed", build->name);
	return look_at_file(build, error) && leave_root(build, error) &&
	    (buf_append_span(&build->text, build->request->text) ||
		error_set(error, ERROR_LIMIT, "the text is too long"));
}

static bool
open_writer(struct build *build, struct error *error)
{
	if (build->file == NULL)
		return true;
	build->writer =
	    table_writer_create(build->file, build->file_path, error);
	return build->writer != NULL;
}

static struct span
without_nul(struct span bytes)
{
	if (bytes.len > 0 && bytes.at[bytes.len - 1] == '\0')
		bytes.len--;
	return bytes;
}

/* Copies one entry of the old file, as it is. */
static bool
copy_entry(void *owner, struct span key, struct span value)
{
	struct build *build = owner;
	bool duplicate;

	if (build->unwanted != NULL &&
	    hash_get(build->unwanted, without_nul(key)) != NULL) {
		build->removed++;
		return true;
	}
	return table_writer_add(
	    build->writer, key, value, false, &duplicate, &build->failure);
}

/* A file that is not there is an empty one, if the caller says so. */
static bool
copy_old(struct build *build, bool may_lack, struct error *error)
{
	const struct table_options options = {.keep_case = true};
	struct table *old =
	    table_open(span_text(build->name), NULL, &options, error);
	bool copied;

	if (old == NULL)
		return may_lack && access(build->file_path, F_OK) < 0 &&
		    errno == ENOENT;
	build->failure.kind = ERROR_NONE;
	copied = table_walk(old, copy_entry, build, error);
	if (!copied && build->failure.kind != ERROR_NONE && error != NULL)
		*error = build->failure;
	table_close(old);
	return copied;
}

static bool
ends_with_nul(const struct build *build)
{
	switch (build->request->end) {
	case TABLE_BUILD_END_NUL:
		return true;
	case TABLE_BUILD_END_NONE:
		return false;
	case TABLE_BUILD_END_USUAL:
		break;
	}
	return build->file->with_nul;
}

/* The value is in build->value. */
static bool
add(struct build *build, struct span key, bool *duplicate, struct error *error)
{
	*duplicate = false;
	if (build->writer == NULL)
		return true;
	buf_clear(&build->key);
	must(buf_append_span(&build->key, key));
	if (!build->request->keep_case)
		text_fold(build->key.at, build->key.len);
	if (ends_with_nul(build))
		must(buf_append_byte(&build->key, '\0') &&
		    buf_append_byte(&build->value, '\0'));
	return table_writer_add(build->writer, buf_span(&build->key),
	    buf_span(&build->value),
	    build->request->duplicates == TABLE_BUILD_REPLACE, duplicate,
	    error);
}

static bool
append_file(struct buf *content, struct span name, struct error *error)
{
	char *path = memory_copy(name);
	bool read = io_read_file(AT_FDCWD, path, content, error);

	free(path);
	return read;
}

/* The value: what is in the files that `names` lists. */
static bool
put_files(struct build *build, struct span names, struct error *error)
{
	struct buf content;
	struct span name;
	bool read = true;

	buf_init(&content, VALUE_MAXIMUM / 2);
	buf_clear(&build->value);
	for (bool first = true; read && word_list_next(&names, &name);
	     first = false) {
		if (!first)
			(void)buf_append_byte(&content, '\n');
		read = append_file(&content, name, error);
	}
	if (read)
		must(base64_encode(buf_span(&content), &build->value));
	buf_finish(&content);
	return read;
}

/* Where the text comes from, for messages. */
static const char *
text_label(const struct build *build)
{
	return build->request->is_addition ? "input" : build->text_path;
}

/* NULL, or why the entry is none. */
static const char *
entry_fault(
    struct build *build, const struct map_entry *entry, struct error *error)
{
	if (build->request->check_utf8 && !text_is_utf8(entry->key))
		return "the key is not UTF-8";
	if (build->request->check_utf8 && !text_is_utf8(entry->value))
		return "the value is not UTF-8";
	buf_clear(&build->value);
	if (!build->request->value_is_file)
		must(buf_append_span(&build->value, entry->value));
	else if (!put_files(build, entry->value, error))
		return error->text;
	return NULL;
}

static bool
add_entry(
    struct build *build, const struct map_entry *entry, struct error *error)
{
	struct error words;
	const char *fault = entry_fault(build, entry, &words);
	bool duplicate;

	if (fault != NULL) {
		warnings_add(build->warnings, "%s, line %u: %s",
		    text_label(build), entry->line, fault);
		return true;
	}
	if (!add(build, entry->key, &duplicate, error))
		return false;
	if (duplicate && build->request->duplicates == TABLE_BUILD_WARN)
		warnings_add(build->warnings,
		    "%s, line %u: duplicate entry \"%.*s\" is ignored",
		    text_label(build), entry->line, SPAN_ARGS(entry->key));
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

	map_source_init(&source, text_label(build), buf_span(&build->text));
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

/* What NIS-aware readers of alias files look for. The two names have no NUL,
 * and are replaced when the file had them. */
static bool
add_alias_marks(struct build *build, struct error *error)
{
	bool duplicate;
	char now[32];
	int len;

	if (!build->request->aliases || build->writer == NULL)
		return true;
	len = snprintf(now, sizeof now, "%lld", (long long)time(NULL));
	buf_clear(&build->value);
	must(buf_append_byte(&build->value, '@'));
	return add(build, SPAN("@"), &duplicate, error) &&
	    table_writer_add(build->writer, SPAN("YP_LAST_MODIFIED"),
		span_of(now, (size_t)len), true, &duplicate, error) &&
	    table_writer_add(build->writer, SPAN("YP_MASTER_NAME"),
		span_text(build->request->host_name), true, &duplicate, error);
}

static bool
commit(struct build *build, struct error *error)
{
	struct table_writer *writer = build->writer;

	build->writer = NULL;
	if (build->request->usual_mode)
		build->status.st_mode = USUAL_MODE;
	return writer == NULL ||
	    table_writer_commit(writer, &build->status, error);
}

static void
begin(struct build *build)
{
	buf_init(&build->text, TEXT_FILE_MAXIMUM);
	buf_init(&build->key, LOGICAL_LINE_MAXIMUM + 1);
	buf_init(&build->value, VALUE_MAXIMUM + 1);
}

static void
finish(struct build *build)
{
	table_writer_abort(build->writer);
	if (build->has_left_root)
		must(seteuid(0) == 0 && setegid(0) == 0);
	hash_destroy(build->unwanted);
	buf_finish(&build->text);
	buf_finish(&build->key);
	buf_finish(&build->value);
	free(build->text_path);
	free(build->file_path);
	free(build->name);
}

bool
table_build(const struct table_build_request *request,
    struct warnings *warnings, struct error *error)
{
	struct build build = {.request = request, .warnings = warnings};
	bool done;

	begin(&build);
	done = find_type(&build, error) && get_text(&build, error) &&
	    open_writer(&build, error) &&
	    (!request->is_addition || copy_old(&build, true, error)) &&
	    add_text(&build, error) && add_alias_marks(&build, error) &&
	    commit(&build, error);
	finish(&build);
	return done;
}

static void
collect_unwanted(struct build *build)
{
	struct span rest = buf_span(&build->text);
	struct span line;

	build->unwanted = hash_create();
	if (!build->request->keep_case)
		text_fold(build->text.at, build->text.len);
	while (rest.len > 0) {
		span_split(rest, '\n', &line, &rest);
		if (line.len > 0)
			hash_put(build->unwanted, line, build);
	}
}

bool
table_build_without(const struct table_build_request *request, size_t *found,
    struct error *error)
{
	struct table_build_request change = *request;
	struct build build = {.request = &change};
	bool done;

	change.is_addition = true;
	begin(&build);
	done = find_type(&build, error) && get_text(&build, error);
	if (done) {
		collect_unwanted(&build);
		done = open_writer(&build, error) &&
		    copy_old(&build, false, error);
	}
	*found = build.removed;
	/* Without any of the keys the file stays what it is. */
	if (done && build.removed > 0)
		done = commit(&build, error);
	finish(&build);
	return done;
}
