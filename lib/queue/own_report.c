/* SPDX-License-Identifier: MIT */
#include "lib/queue/own_report.h"

#include <sys/stat.h>

#include <unistd.h>

#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/queue/journal_walk.h"

enum {
	STATES_AT_ONCE = 8192, /* recipients whose words are one write */
	APPEND_MAXIMUM = 262144
};

/* The states of recipients `first` to `last`, in file order. */
struct state_range {
	uint32_t first;
	uint32_t last;
	char *words;
};

static bool
read_head(int fd, struct format_head *head, uint64_t *size, struct error *error)
{
	char bytes[FORMAT_HEAD_SIZE];
	struct stat status;

	if (fstat(fd, &status) < 0)
		return error_system(error, "stat");
	*size = (uint64_t)status.st_size;
	return io_pread(fd, bytes, sizeof bytes, 0, error) &&
	    (format_head_decode(span_of(bytes, sizeof bytes), *size, head) ==
		    FORMAT_COMPLETE ||
		error_set(error, ERROR_INVALID, "head: damaged"));
}

/* Narrows the range to the marks that lie in it; false when there are none. */
static bool
narrow(struct state_range *range, const struct store_report *report)
{
	uint32_t lowest = range->last;
	uint32_t highest = range->first;
	bool found = false;

	for (size_t i = 0; i < report->mark_count; i++) {
		uint32_t number = report->marks[i].recipient;

		if (number < range->first || number > range->last)
			continue;
		lowest = number < lowest ? number : lowest;
		highest = number > highest ? number : highest;
		found = true;
	}
	range->first = lowest;
	range->last = highest;
	return found;
}

static bool
patch(struct state_range *range, const struct store_report *report,
    struct error *error)
{
	for (size_t i = 0; i < report->mark_count; i++) {
		const struct store_mark *mark = &report->marks[i];
		enum recipient_state before;
		char *word;

		if (mark->recipient < range->first ||
		    mark->recipient > range->last)
			continue;
		word = range->words +
		    (size_t)(mark->recipient - range->first) *
			FORMAT_STATE_SIZE;
		if (!format_state_decode(word, &before))
			return error_set(error, ERROR_INVALID,
			    "state of a recipient: damaged");
		memcpy(word, format_state_word(mark->state), FORMAT_STATE_SIZE);
	}
	return true;
}

/* Reads all words from the lowest mark to the highest and writes them back with
 * the marks in them. Inside one page a kill cannot tear that. */
static bool
write_range(int fd, const struct format_head *head, struct state_range range,
    const struct store_report *report, struct error *error)
{
	off_t offset;
	size_t size;
	bool written;

	if (!narrow(&range, report))
		return true;
	offset = (off_t)(head->states.offset +
	    (uint64_t)range.first * FORMAT_STATE_SIZE);
	size = (size_t)(range.last - range.first + 1) * FORMAT_STATE_SIZE;
	range.words = memory_alloc(size);
	written = io_pread(fd, range.words, size, offset, error) &&
	    patch(&range, report, error) &&
	    io_pwrite(fd, span_of(range.words, size), offset, error);
	free(range.words);
	return written;
}

static bool
write_states(int fd, const struct format_head *head,
    const struct store_report *report, struct error *error)
{
	uint32_t count = head->recipient_count;

	for (size_t i = 0; i < report->mark_count; i++)
		if (report->marks[i].recipient >= count)
			return error_set(error, ERROR_INVALID,
			    "no recipient %u", report->marks[i].recipient);
	for (uint32_t first = 0; first < count; first += STATES_AT_ONCE) {
		uint32_t last = count - first > STATES_AT_ONCE
		    ? first + STATES_AT_ONCE - 1
		    : count - 1;

		if (!write_range(fd, head,
			(struct state_range){.first = first, .last = last},
			report, error))
			return false;
	}
	return true;
}

/* Looks at the last record, which after any complete append is sound. */
static bool
find_end_fast(
    int fd, struct extent journal, uint32_t *count, struct error *error)
{
	size_t size = journal.length < JOURNAL_RECORD_MAXIMUM
	    ? (size_t)journal.length
	    : JOURNAL_RECORD_MAXIMUM;
	uint64_t end = journal.offset + journal.length;
	char *bytes = memory_alloc(size);
	bool found = io_pread(fd, bytes, size, (off_t)(end - size), error) &&
	    journal_find_last(span_of(bytes, size), count);

	free(bytes);
	*count += 1;
	return found;
}

/* Goes through all of it and cuts off what is torn. */
static bool
find_end_slowly(
    int fd, struct extent *journal, uint32_t *count, struct error *error)
{
	struct journal_walk walk;

	journal_walk_init(&walk, &(struct source){.fd = fd}, *journal);
	while (journal_walk_next(&walk))
		continue;
	*count = walk.count;
	journal->length = walk.end - journal->offset;
	journal_walk_finish(&walk);
	if (walk.error.kind != ERROR_NONE) {
		if (error != NULL)
			*error = walk.error;
		return false;
	}
	return ftruncate(fd, (off_t)walk.end) == 0 ||
	    error_system(error, "cut the journal");
}

/* On failure what was written is cut off again. */
static bool
append_bytes(
    int fd, struct extent *journal, struct buf *bytes, struct error *error)
{
	uint64_t end = journal->offset + journal->length;

	if (!io_pwrite(fd, buf_span(bytes), (off_t)end, error)) {
		/* What cannot be cut is torn and ends the journal. */
		(void)!ftruncate(fd, (off_t)end);
		return false;
	}
	journal->length += bytes->len;
	buf_clear(bytes);
	return true;
}

static bool
append_entries(int fd, struct extent journal, uint32_t count,
    const struct store_report *report, struct error *error)
{
	struct buf bytes;
	bool room = true, written = true;

	buf_init(&bytes, APPEND_MAXIMUM);
	for (size_t i = 0; written && i < report->entry_count; i++) {
		const struct journal_entry *entry = &report->entries[i];

		if (entry->type == JOURNAL_REASON &&
		    journal.length + bytes.len > STORE_JOURNAL_MAXIMUM) {
			room = false;
			continue;
		}
		if (bytes.len > APPEND_MAXIMUM - JOURNAL_RECORD_MAXIMUM)
			written = append_bytes(fd, &journal, &bytes, error);
		if (written)
			must(journal_append(&bytes, count++, entry));
	}
	written = written && append_bytes(fd, &journal, &bytes, error);
	buf_finish(&bytes);
	if (written && !room)
		return error_set(error, ERROR_LIMIT, "the journal is full");
	return written;
}

bool
own_report_write(int fd, const struct store_report *report,
    bool *states_written, struct error *error)
{
	struct format_head head;
	struct extent journal;
	uint32_t count = 0;
	uint64_t size;

	*states_written = false;
	if (!read_head(fd, &head, &size, error) ||
	    !write_states(fd, &head, report, error))
		return false;
	*states_written = true;
	if (report->entry_count == 0)
		return true;
	journal = (struct extent){head.length, size - head.length};
	if (journal.length > 0 && !find_end_fast(fd, journal, &count, error) &&
	    !find_end_slowly(fd, &journal, &count, error))
		return error_prefix(error, "journal");
	return append_entries(fd, journal, count, report, error) ||
	    error_prefix(error, "journal");
}
