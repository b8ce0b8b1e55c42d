/* SPDX-License-Identifier: MIT */
#include "lib/queue/done_journal.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "lib/base/io.h"
#include "lib/base/memory.h"

enum {
	ZEROS = 65536,
	READ_SIZE = 65536, /* a multiple of a record's size */
	FULL_FACTOR = 3
};

static const char *const names[DONE_JOURNAL_FILES] = {
    "qmgr.done.0", "qmgr.done.1"};

void
done_journal_init(struct done_journal *journal)
{
	*journal = (struct done_journal){.fds = {-1, -1}};
	buf_init(&journal->pending, DONE_JOURNAL_PENDING_MAXIMUM);
	buf_init(&journal->carry, DONE_JOURNAL_PENDING_MAXIMUM);
}

static void
close_both(struct done_journal *journal)
{
	for (int i = 0; i < DONE_JOURNAL_FILES; i++)
		io_close(&journal->fds[i]);
}

void
done_journal_finish(struct done_journal *journal)
{
	close_both(journal);
	buf_finish(&journal->pending);
	buf_finish(&journal->carry);
}

/* Zeros behind what is there, up to DONE_JOURNAL_SIZE. */
static bool
fill(int fd, struct error *error)
{
	struct stat status;
	char *zeros;
	bool filled = true;

	if (fstat(fd, &status) < 0)
		return error_system(error, "stat");
	if (status.st_size >= DONE_JOURNAL_SIZE)
		return true;
	zeros = memory_zero(ZEROS);
	for (off_t at = status.st_size; filled && at < DONE_JOURNAL_SIZE;
	     at += ZEROS)
		filled = io_pwrite(fd, span_of(zeros, ZEROS), at, error);
	free(zeros);
	if (!filled)
		return false;
	return fsync(fd) == 0 || error_system(error, "fsync");
}

/* *end is the offset behind the last sound record. */
static bool
read_records(int fd,
    void (*take)(void *owner, const struct done_record *record), void *owner,
    uint64_t *end, struct error *error)
{
	char *bytes = memory_alloc(READ_SIZE);
	uint64_t offset = 0;
	ssize_t got;

	*end = 0;
	while ((got = pread(fd, bytes, READ_SIZE, (off_t)offset)) > 0) {
		for (ssize_t at = 0; at + DONE_RECORD_SIZE <= got;
		     at += DONE_RECORD_SIZE) {
			struct done_record record;

			if (!done_record_decode(bytes + at, &record))
				continue;
			*end = offset + (uint64_t)at + DONE_RECORD_SIZE;
			if (take != NULL)
				take(owner, &record);
		}
		offset += (uint64_t)got;
		if (got % DONE_RECORD_SIZE != 0)
			break; /* the end of the file */
	}
	free(bytes);
	return got >= 0 || error_system(error, "read");
}

bool
done_journal_read(int directory,
    void (*take)(void *owner, const struct done_record *record), void *owner,
    struct error *error)
{
	for (int i = 0; i < DONE_JOURNAL_FILES; i++) {
		int fd = openat(
		    directory, names[i], O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
		uint64_t end;
		bool read;

		if (fd < 0 && errno == ENOENT)
			continue;
		if (fd < 0)
			return error_system(error, "open %s", names[i]);
		read = read_records(fd, take, owner, &end, error);
		io_close(&fd);
		if (!read)
			return error_prefix(error, "%s", names[i]);
	}
	return true;
}

static bool
open_file(struct done_journal *journal, int directory, int i, uint64_t *end,
    struct error *error)
{
	int fd = openat(directory, names[i],
	    O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, S_IRUSR | S_IWUSR);

	journal->fds[i] = fd;
	if (fd < 0)
		return error_system(error, "open %s", names[i]);
	return (fill(fd, error) && read_records(fd, NULL, NULL, end, error)) ||
	    error_prefix(error, "%s", names[i]);
}

/* The active file holds `copied` bytes of what matters, and `used` in all. */
static void
activate(struct done_journal *journal, int i, uint64_t copied, uint64_t used)
{
	journal->active = i;
	journal->end = used;
	journal->full = used - copied + copied * FULL_FACTOR;
	if (journal->full < DONE_JOURNAL_SIZE)
		journal->full = DONE_JOURNAL_SIZE;
}

static bool
write_synced(int fd, struct span records, uint64_t offset, struct error *error)
{
	if (!io_pwrite(fd, records, (off_t)offset, error))
		return false;
	return fdatasync(fd) == 0 || error_system(error, "fdatasync");
}

static bool
open_both(struct done_journal *journal, int directory, struct span records,
    struct error *error)
{
	uint64_t ends[DONE_JOURNAL_FILES];
	int shorter;

	for (int i = 0; i < DONE_JOURNAL_FILES; i++)
		if (!open_file(journal, directory, i, &ends[i], error))
			return false;
	shorter = ends[1] < ends[0];
	if (!write_synced(journal->fds[shorter], records, ends[shorter], error))
		return error_prefix(error, "%s", names[shorter]);
	activate(journal, shorter, records.len, ends[shorter] + records.len);
	return fsync(directory) == 0 ||
	    error_system(error, "fsync of the queue directory");
}

bool
done_journal_open(struct done_journal *journal, int directory,
    struct span records, struct error *error)
{
	if (open_both(journal, directory, records, error))
		return true;
	close_both(journal);
	return false;
}

void
done_journal_remove(struct done_journal *journal, int directory)
{
	close_both(journal);
	for (int i = 0; i < DONE_JOURNAL_FILES; i++)
		/* What stays behind means nothing any more. */
		(void)unlinkat(directory, names[i], 0);
	buf_clear(&journal->pending);
	journal->is_dirty = false;
}

void
done_journal_add(struct done_journal *journal, const struct done_record *record)
{
	char bytes[DONE_RECORD_SIZE];

	done_record_encode(record, bytes);
	must(buf_append(&journal->pending, bytes, sizeof bytes));
	if (journal->is_switching)
		must(buf_append(&journal->carry, bytes, sizeof bytes));
}

bool
done_journal_flush(struct done_journal *journal, struct error *error)
{
	if (journal->pending.len == 0)
		return true;
	if (!done_journal_is_open(journal))
		return error_set(
		    error, ERROR_INVALID, "the done journal is not open");
	if (!io_pwrite(journal->fds[journal->active],
		buf_span(&journal->pending), (off_t)journal->end, error))
		return error_prefix(error, "%s", names[journal->active]);
	journal->end += journal->pending.len;
	journal->is_dirty = true;
	buf_clear(&journal->pending);
	return true;
}

bool
done_journal_wants_sync(const struct done_journal *journal)
{
	return journal->is_dirty;
}

/* With the mutex held. */
static bool
end_switch(struct done_journal *journal, int other, uint64_t copied,
    struct error *error)
{
	uint64_t carried = journal->carry.len;

	journal->is_switching = false;
	if (!io_pwrite(journal->fds[other], buf_span(&journal->carry),
		(off_t)copied, error))
		return false;
	activate(journal, other, copied, copied + carried);
	journal->is_doubtful = false;
	journal->is_dirty = carried > 0;
	buf_clear(&journal->carry);
	return true;
}

/* With the mutex held, which is released meanwhile. On failure the old file
 * stays the active one. */
static bool
switch_files(struct done_journal *journal, pthread_mutex_t *mutex,
    void (*copy)(void *owner, struct buf *records), void *owner,
    struct error *error)
{
	int other = 1 - journal->active;
	struct buf records;
	bool switched;

	buf_init(&records, DONE_JOURNAL_PENDING_MAXIMUM);
	copy(owner, &records);
	buf_clear(&journal->carry);
	journal->is_switching = true;
	pthread_mutex_unlock(mutex);
	switched =
	    write_synced(journal->fds[other], buf_span(&records), 0, error);
	pthread_mutex_lock(mutex);
	if (switched)
		switched = end_switch(journal, other, records.len, error);
	journal->is_switching = false;
	buf_finish(&records);
	return switched || error_prefix(error, "%s", names[other]);
}

bool
done_journal_sync(struct done_journal *journal, pthread_mutex_t *mutex,
    void (*copy)(void *owner, struct buf *records), void *owner,
    struct error *error)
{
	bool synced;
	int fd;

	pthread_mutex_lock(mutex);
	if (journal->end > journal->full || journal->is_doubtful) {
		synced = switch_files(journal, mutex, copy, owner, error);
		pthread_mutex_unlock(mutex);
		return synced;
	}
	journal->is_dirty = false;
	fd = journal->fds[journal->active];
	pthread_mutex_unlock(mutex);
	if (fdatasync(fd) == 0)
		return true;
	pthread_mutex_lock(mutex);
	journal->is_doubtful = true; /* the next sync writes all anew */
	journal->is_dirty = true;
	pthread_mutex_unlock(mutex);
	return error_system(error, "fdatasync of %s", names[journal->active]);
}
