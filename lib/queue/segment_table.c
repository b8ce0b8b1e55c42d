/* SPDX-License-Identifier: MIT */
#include "lib/queue/segment_table.h"

#include <sys/file.h>
#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/io.h"
#include "lib/base/memory.h"

enum {
	REMOVED_AT_A_TIME = 32
};

void
segment_table_init(struct segment_table *table, int directory)
{
	*table = (struct segment_table){.directory = directory};
	must(pthread_mutex_init(&table->mutex, NULL) == 0);
	must(pthread_mutex_init(&table->sync_mutex, NULL) == 0);
	list_init(&table->segments);
	done_journal_init(&table->journal);
}

static void
free_segment(struct segment *segment)
{
	io_close(&segment->fd);
	segment_facts_finish(&segment->facts);
	free(segment);
}

/* With the mutex held. */
static void
drop(struct segment *segment)
{
	list_remove(&segment->node);
	segment->is_dropped = true;
	if (segment->users == 0)
		free_segment(segment);
}

static void
drop_all(struct segment_table *table)
{
	list_foreach_safe (node, &table->segments)
		drop(list_element(node, struct segment, node));
}

void
segment_table_finish(struct segment_table *table)
{
	drop_all(table);
	done_journal_finish(&table->journal);
	pthread_mutex_destroy(&table->mutex);
	pthread_mutex_destroy(&table->sync_mutex);
}

/* ---- finding ---- */

/* ERROR_NOT_FOUND when there is no such file, or nothing in it. */
static bool
open_segment(struct segment_table *table, uint32_t id, int *fd,
    uint64_t *generation, struct error *error)
{
	char name[SEGMENT_NAME_SIZE], bytes[SEGMENT_RECORD_HEAD];
	struct segment_head head = {0};
	struct stat status;

	segment_name(id, name);
	*fd = openat(table->directory, name,
	    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (*fd < 0 && errno == ENOENT)
		return error_set(error, ERROR_NOT_FOUND, "no %s", name);
	if (*fd < 0)
		return error_system(error, "open %s", name);
	if (fstat(*fd, &status) == 0 && S_ISREG(status.st_mode) &&
	    status.st_size >= SEGMENT_PAGE &&
	    io_pread(*fd, bytes, sizeof bytes, 0, NULL) &&
	    segment_head_decode(span_of(bytes, sizeof bytes), &head) !=
		SEGMENT_NEWER) {
		*generation = head.generation;
		return true;
	}
	io_close(fd);
	return error_set(
	    error, ERROR_NOT_FOUND, "%s holds nothing that is known", name);
}

static struct segment *
find(struct segment_table *table, uint32_t id)
{
	list_foreach (node, &table->segments) {
		struct segment *segment =
		    list_element(node, struct segment, node);

		if (segment->id == id)
			return segment;
	}
	return NULL;
}

static struct segment *
add(struct segment_table *table, uint32_t id, uint64_t generation, int fd)
{
	struct segment *segment = memory_zero(sizeof *segment);

	segment->id = id;
	segment->generation = generation;
	segment->fd = fd;
	list_add_last(&table->segments, &segment->node);
	return segment;
}

/* The entry for what the file is now. One whose head was empty or damaged has
 * generation 0 until its contents were read. */
static struct segment *
update(struct segment_table *table, uint32_t id, struct error *error)
{
	struct segment *segment = find(table, id);
	uint64_t generation;
	int fd;

	if (!open_segment(table, id, &fd, &generation, error))
		return NULL;
	if (segment != NULL &&
	    (segment->generation == generation || segment->is_orphan)) {
		io_close(&fd);
		return segment;
	}
	if (segment != NULL)
		drop(segment);
	return add(table, id, generation, fd);
}

struct segment *
segment_table_take(struct segment_table *table, uint32_t id,
    uint64_t generation, struct error *error)
{
	struct segment *segment;

	pthread_mutex_lock(&table->mutex);
	segment = find(table, id);
	if (segment == NULL || segment->generation != generation)
		segment = update(table, id, error);
	if (segment != NULL && segment->generation != generation) {
		segment = NULL;
		error_set(error, ERROR_NOT_FOUND,
		    "the segment is of another generation");
	}
	if (segment != NULL)
		segment->users++;
	pthread_mutex_unlock(&table->mutex);
	return segment;
}

struct segment *
segment_table_take_current(
    struct segment_table *table, uint32_t id, struct error *error)
{
	struct segment *segment;

	pthread_mutex_lock(&table->mutex);
	segment = update(table, id, error);
	if (segment != NULL)
		segment->users++;
	pthread_mutex_unlock(&table->mutex);
	return segment;
}

void
segment_table_release(struct segment_table *table, struct segment *segment)
{
	pthread_mutex_lock(&table->mutex);
	must(segment->users > 0);
	segment->users--;
	if (segment->is_dropped && segment->users == 0)
		free_segment(segment);
	pthread_mutex_unlock(&table->mutex);
}

/* ---- facts ---- */

/* From the journal, with the mutex held. */
static void
note_read(void *owner, const struct done_record *record)
{
	struct segment *segment = find(owner, record->segment);

	if (segment != NULL && segment->generation == record->generation)
		segment_facts_note(&segment->facts, record);
}

bool
segment_table_is_done(
    struct segment_table *table, struct segment *segment, uint32_t number)
{
	bool is_done;

	pthread_mutex_lock(&table->mutex);
	is_done = segment_facts_is_done(&segment->facts, number) ||
	    (segment->is_sealed && number >= segment->numbers);
	pthread_mutex_unlock(&table->mutex);
	return is_done;
}

bool
segment_table_next_partial(struct segment_table *table, struct segment *segment,
    uint32_t number, size_t *position, struct done_record *record)
{
	bool found;

	pthread_mutex_lock(&table->mutex);
	found = segment_facts_next_partial(
	    &segment->facts, number, position, record);
	pthread_mutex_unlock(&table->mutex);
	return found;
}

void
segment_table_mark(struct segment_table *table, struct segment *segment,
    uint32_t number, uint32_t recipient, enum recipient_state state)
{
	struct done_record record = {
	    .segment = segment->id,
	    .generation = segment->generation,
	    .message = number,
	    .recipient = recipient,
	    .state = state,
	};

	pthread_mutex_lock(&table->mutex);
	must(table->is_owned);
	if (!segment_facts_is_done(&segment->facts, number)) {
		segment_facts_note(&segment->facts, &record);
		done_journal_add(&table->journal, &record);
	}
	pthread_mutex_unlock(&table->mutex);
}

/* Every fact that still matters, with the mutex held. */
static void
copy_facts(void *owner, struct buf *records)
{
	struct segment_table *table = owner;

	list_foreach (node, &table->segments) {
		const struct segment *segment =
		    list_element(node, struct segment, node);

		segment_facts_copy(
		    &segment->facts, segment->id, segment->generation, records);
	}
}

bool
segment_table_flush(struct segment_table *table, struct error *error)
{
	bool flushed;

	pthread_mutex_lock(&table->mutex);
	flushed = done_journal_flush(&table->journal, error);
	pthread_mutex_unlock(&table->mutex);
	return flushed;
}

bool
segment_table_sync(struct segment_table *table, struct error *error)
{
	bool good;

	pthread_mutex_lock(&table->sync_mutex);
	/* Clean: a sync that began after our flush has ended meanwhile. */
	good = !segment_table_wants_sync(table) ||
	    done_journal_sync(
		&table->journal, &table->mutex, copy_facts, table, error);
	pthread_mutex_unlock(&table->sync_mutex);
	return good;
}

/* ---- reading all ---- */

static bool
list_segments(struct segment_table *table, struct error *error)
{
	int fd =
	    openat(table->directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *list = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;

	if (list == NULL) {
		error_system(error, "list incoming");
		io_close(&fd);
		return false;
	}
	while ((entry = readdir(list)) != NULL) {
		uint32_t id;

		/* What has gone meanwhile is no failure. */
		if (segment_name_parse(span_text(entry->d_name), &id))
			(void)update(table, id, NULL);
	}
	(void)closedir(list);
	return true;
}

static bool
read_all(struct segment_table *table, struct error *error)
{
	drop_all(table);
	return list_segments(table, error) &&
	    done_journal_read(table->directory, note_read, table, error);
}

bool
segment_table_refresh(struct segment_table *table, struct error *error)
{
	bool good = true;

	pthread_mutex_lock(&table->mutex);
	if (!table->is_owned)
		good = read_all(table, error);
	pthread_mutex_unlock(&table->mutex);
	return good;
}

bool
segment_table_own(struct segment_table *table, struct error *error)
{
	struct buf facts;
	bool good;

	buf_init(&facts, DONE_JOURNAL_PENDING_MAXIMUM);
	pthread_mutex_lock(&table->mutex);
	must(!table->is_owned);
	good = read_all(table, error);
	if (good) {
		copy_facts(table, &facts);
		good = done_journal_open(
		    &table->journal, table->directory, buf_span(&facts), error);
	}
	table->is_owned = good;
	pthread_mutex_unlock(&table->mutex);
	buf_finish(&facts);
	return good;
}

bool
segment_table_look(struct segment_table *table, struct error *error)
{
	bool good;

	pthread_mutex_lock(&table->mutex);
	good = list_segments(table, error);
	pthread_mutex_unlock(&table->mutex);
	return good;
}

void
segment_table_close(struct segment_table *table)
{
	pthread_mutex_lock(&table->sync_mutex);
	pthread_mutex_lock(&table->mutex);
	done_journal_remove(&table->journal, table->directory);
	table->is_owned = false;
	pthread_mutex_unlock(&table->mutex);
	pthread_mutex_unlock(&table->sync_mutex);
}

/* ---- the life of a segment ---- */

static void
seal(struct segment *segment, uint32_t numbers)
{
	if (segment->is_sealed)
		return;
	segment->is_sealed = true;
	segment->numbers = numbers;
	segment->sealed_at = clock_monotonic();
}

void
segment_table_seal(
    struct segment_table *table, struct segment *segment, uint32_t numbers)
{
	pthread_mutex_lock(&table->mutex);
	seal(segment, numbers);
	pthread_mutex_unlock(&table->mutex);
}

void
segment_table_adopt(struct segment_table *table, struct segment *segment,
    const struct segment_contents *contents)
{
	uint32_t next = 0;

	pthread_mutex_lock(&table->mutex);
	must(segment->is_orphan && !segment->is_adopted);
	if (segment->generation == 0)
		segment->generation = contents->generation;
	for (size_t i = 0; i <= contents->count; i++) {
		uint32_t number = i < contents->count
		    ? contents->entries[i].number
		    : contents->numbers;

		/* Torn or damaged ones are nothing to wait for. */
		for (; next < number; next++)
			segment_facts_set_done(&segment->facts, next);
		next = number + 1;
	}
	seal(segment, contents->numbers);
	for (; next < segment->numbers; next++)
		segment_facts_set_done(&segment->facts, next);
	segment->is_adopted = true;
	pthread_mutex_unlock(&table->mutex);
}

bool
segment_table_lock(struct segment_table *table, struct segment *segment)
{
	bool is_ours;

	pthread_mutex_lock(&table->mutex);
	if (table->is_owned && !segment->is_orphan)
		segment->is_orphan = flock(segment->fd, LOCK_EX | LOCK_NB) == 0;
	is_ours = segment->is_orphan;
	pthread_mutex_unlock(&table->mutex);
	return is_ours;
}

bool
segment_table_has_orphans(struct segment_table *table)
{
	bool found = false;

	pthread_mutex_lock(&table->mutex);
	list_foreach (node, &table->segments) {
		struct segment *segment =
		    list_element(node, struct segment, node);

		if (table->is_owned && !segment->is_orphan)
			segment->is_orphan =
			    flock(segment->fd, LOCK_EX | LOCK_NB) == 0;
		found = found || (segment->is_orphan && !segment->is_adopted);
	}
	pthread_mutex_unlock(&table->mutex);
	return found;
}

static bool
is_over(const struct segment *segment)
{
	return segment->is_sealed &&
	    segment->facts.done_count >= segment->numbers;
}

bool
segment_table_next_free(
    struct segment_table *table, struct locator_segment *freed)
{
	bool found = false;

	pthread_mutex_lock(&table->mutex);
	list_foreach (node, &table->segments) {
		struct segment *segment =
		    list_element(node, struct segment, node);

		if (found || segment->is_free || segment->is_orphan ||
		    !is_over(segment) || table->journal.pending.len > 0)
			continue;
		segment->is_free = true;
		found = true;
		*freed = (struct locator_segment){
		    .segment = segment->id,
		    .number = segment->numbers,
		    .generation = segment->generation,
		};
	}
	pthread_mutex_unlock(&table->mutex);
	return found;
}

/* Takes those that nobody needs any more. */
static size_t
take_finished(struct segment_table *table, struct segment **finished)
{
	size_t count = 0;

	pthread_mutex_lock(&table->mutex);
	list_foreach (node, &table->segments) {
		struct segment *segment =
		    list_element(node, struct segment, node);

		if (!segment->is_adopted || !is_over(segment) ||
		    count == REMOVED_AT_A_TIME)
			continue;
		segment->users++;
		finished[count++] = segment;
	}
	pthread_mutex_unlock(&table->mutex);
	return count;
}

static bool
remove_files(const struct segment_table *table, struct segment **finished,
    size_t count, struct error *error)
{
	for (size_t i = 0; i < count; i++) {
		char name[SEGMENT_NAME_SIZE];

		segment_name(finished[i]->id, name);
		if (unlinkat(table->directory, name, 0) < 0 && errno != ENOENT)
			return error_system(error, "remove %s", name);
	}
	return count == 0 || fsync(table->directory) == 0 ||
	    error_system(error, "fsync of the queue directory");
}

bool
segment_table_remove_orphans(struct segment_table *table, struct error *error)
{
	struct segment *finished[REMOVED_AT_A_TIME];
	size_t count;
	bool good;

	do {
		count = take_finished(table, finished);
		good = remove_files(table, finished, count, error);
		pthread_mutex_lock(&table->mutex);
		for (size_t i = 0; i < count; i++) {
			/* The facts go when nobody can read it again. */
			finished[i]->users--;
			if (good)
				drop(finished[i]);
		}
		pthread_mutex_unlock(&table->mutex);
	} while (good && count > 0);
	return good;
}

void
segment_table_forget(struct segment_table *table, uint32_t id)
{
	struct segment *segment;

	pthread_mutex_lock(&table->mutex);
	segment = find(table, id);
	if (segment != NULL)
		drop(segment);
	pthread_mutex_unlock(&table->mutex);
}

void
segment_table_report(struct segment_table *table, const char *format, ...)
{
	va_list arguments;
	char text[sizeof table->report.text];

	va_start(arguments, format);
	vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	pthread_mutex_lock(&table->mutex);
	error_set(&table->report, ERROR_INVALID, "%s", text);
	pthread_mutex_unlock(&table->mutex);
}

bool
segment_table_take_report(struct segment_table *table, struct error *report)
{
	pthread_mutex_lock(&table->mutex);
	*report = table->report;
	table->report.kind = ERROR_NONE;
	pthread_mutex_unlock(&table->mutex);
	return report->kind != ERROR_NONE;
}

void
segment_table_each(struct segment_table *table,
    void (*take)(void *owner, struct segment *segment), void *owner)
{
	pthread_mutex_lock(&table->mutex);
	list_foreach (node, &table->segments)
		take(owner, list_element(node, struct segment, node));
	pthread_mutex_unlock(&table->mutex);
}
