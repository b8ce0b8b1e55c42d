/* SPDX-License-Identifier: MIT */
#include "lib/route/match_list.h"

#include <fcntl.h>

#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/param/word_list.h"
#include "lib/table/file_identity.h"

enum {
	FILE_MAXIMUM = 64 * 1024 * 1024, /* bytes */
	DEPTH_MAXIMUM = 8                /* of files that name files */
};

struct match_file {
	const char *path;
	struct file_identity identity;
	struct match_file *older;
};

/* What is being read into the list. */
struct reading {
	struct match_list *list;
	const struct match_list_source *source;
	bool negated;
	unsigned depth;
};

static bool add_words(
    const struct reading *reading, struct span text, struct error *error);

static void
close_table(void *table)
{
	table_close(table);
}

static void
add_item(struct match_list *list, const struct match_item *item)
{
	list->items =
	    memory_resize(list->items, (list->count + 1) * sizeof *list->items);
	list->items[list->count++] = *item;
}

static bool
note_file(struct match_list *list, const char *path, struct error *error)
{
	struct match_file *file = pool_alloc(list->pool, sizeof *file);

	must(file != NULL);
	file->path = path;
	if (!file_identity_of_path(path, &file->identity))
		return error_system(error, "stat %s", path);
	file->older = list->files;
	list->files = file;
	return true;
}

/* Lines whose first visible character is '#' are comments. */
static bool
add_lines(const struct reading *reading, struct span text, struct error *error)
{
	struct span line;

	while (text.len > 0) {
		span_split(text, '\n', &line, &text);
		if (span_starts(span_trim(line), SPAN("#")))
			continue;
		if (!add_words(reading, line, error))
			return false;
	}
	return true;
}

static bool
add_file(const struct reading *reading, struct span word, struct error *error)
{
	struct reading inner = *reading;
	const char *path = pool_copy(reading->list->pool, word);
	struct buf text;
	bool complete;

	must(path != NULL);
	if (++inner.depth > DEPTH_MAXIMUM)
		return error_set(error, ERROR_INVALID,
		    "%s: files name each other too deeply", path);
	buf_init(&text, FILE_MAXIMUM);
	complete = note_file(reading->list, path, error) &&
	    io_read_file(AT_FDCWD, path, &text, error) &&
	    (add_lines(&inner, buf_span(&text), error) ||
		error_prefix(error, "%s", path));
	buf_finish(&text);
	return complete;
}

static bool
add_table(const struct reading *reading, struct span word, struct error *error)
{
	struct match_item item = {.negated = reading->negated};

	item.table = table_open(word, NULL, reading->source->options, error);
	if (item.table == NULL)
		return false;
	pool_on_destroy(reading->list->pool, close_table, item.table);
	add_item(reading->list, &item);
	return true;
}

static bool
add_plain(const struct reading *reading, struct span word, struct error *error)
{
	struct match_item item = {.negated = reading->negated};

	if (reading->source->check_word != NULL &&
	    !reading->source->check_word(word, error))
		return false;
	must(pool_copy_span(reading->list->pool, word, &item.word));
	add_item(reading->list, &item);
	return true;
}

/* An address such as [2001:db8::1] is no table in spite of its colons. */
static bool
is_table(struct span word)
{
	return word.at[0] != '[' && span_find(word, ':') < word.len;
}

static bool
add_word(const struct reading *reading, struct span word, struct error *error)
{
	struct reading inner = *reading;
	struct span whole = word;

	while (word.len > 0 && word.at[0] == '!') {
		inner.negated = !inner.negated;
		word = span_trim(span_skip(word, 1));
	}
	if (word.len == 0)
		return error_set(error, ERROR_INVALID,
		    "\"%.*s\": expected more behind it", SPAN_ARGS(whole));
	if (word.at[0] == '/')
		return add_file(&inner, word, error);
	if (is_table(word))
		return add_table(&inner, word, error);
	return add_plain(&inner, word, error);
}

static bool
add_words(const struct reading *reading, struct span text, struct error *error)
{
	struct span word;
	struct span inside;

	while (word_list_next(&text, &word)) {
		if (word_list_group(word, &inside))
			word = inside;
		if (word.len > 0 && !add_word(reading, word, error))
			return false;
	}
	return true;
}

bool
match_list_init(struct match_list *list, const struct match_list_source *source,
    struct error *error)
{
	const struct reading reading = {.list = list, .source = source};

	*list = (struct match_list){
	    .pool = pool_create(NULL, "match list", POOL_NO_MAXIMUM)};
	if (add_words(&reading, source->text, error))
		return true;
	match_list_finish(list);
	return false;
}

void
match_list_finish(struct match_list *list)
{
	pool_destroy(list->pool);
	free(list->items);
	*list = (struct match_list){.count = 0};
}

bool
match_list_has_changed(const struct match_list *list, const char **name)
{
	const char *changed = NULL;

	for (const struct match_file *file = list->files; file != NULL;
	     file = file->older)
		if (file_identity_is_replaced(&file->identity, file->path))
			changed = file->path;
	for (size_t i = 0; i < list->count; i++)
		if (list->items[i].table != NULL &&
		    table_has_changed(list->items[i].table))
			changed = table_name(list->items[i].table);
	if (changed != NULL && name != NULL)
		*name = changed;
	return changed != NULL;
}
