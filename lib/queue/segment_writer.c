/* SPDX-License-Identifier: MIT */
#include "lib/queue/segment_writer.h"

#include <sys/file.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/base/random.h"
#include "lib/queue/put_image.h"
#include "lib/queue/put_private.h"
#include "lib/queue/store_private.h"

enum {
	BATCH_MAXIMUM = 4 * 1024 * 1024, /* bytes of one write */
	ZEROS = 1024 * 1024,
	CREATE_TRIES = 1000
};

enum slot_state {
	SLOT_NONE,
	SLOT_MAKING,
	SLOT_READY,  /* in reserve */
	SLOT_ACTIVE, /* written to */
	SLOT_FULL,
	SLOT_CLOSED,   /* full for ever: a write has failed */
	SLOT_ABANDONED /* to be let go */
};

struct slot {
	enum slot_state state;
	uint32_t segment;
	int fd; /* holds the lock */
	uint64_t generation;
	uint32_t end;     /* where the next batch starts */
	uint32_t numbers; /* messages in it that were acknowledged */
	bool was_told;
	bool is_written; /* a commit has it in hand */
};

struct segment_writer {
	pthread_mutex_t mutex; /* of the slots; the active one's is its job's */
	struct store *store;
	uint32_t number;
	uint32_t size;
	uint32_t next_n;
	struct slot slots[SEGMENT_WRITER_MAXIMUM];
	struct buf batch;
};

struct segment_writer *
segment_writer_create(struct store *store, uint32_t number, uint32_t size)
{
	struct segment_writer *writer = memory_zero(sizeof *writer);

	must(size >= SEGMENT_SIZE_MINIMUM && size <= SEGMENT_SIZE_MAXIMUM &&
	    size % SEGMENT_PAGE == 0);
	must(pthread_mutex_init(&writer->mutex, NULL) == 0);
	writer->store = store;
	writer->number = number;
	writer->size = size;
	writer->next_n = 1;
	buf_init(&writer->batch, BATCH_MAXIMUM);
	for (size_t i = 0; i < COUNT_OF(writer->slots); i++)
		writer->slots[i].fd = -1;
	return writer;
}

void
segment_writer_destroy(struct segment_writer *writer)
{
	if (writer == NULL)
		return;
	for (size_t i = 0; i < COUNT_OF(writer->slots); i++)
		io_close(&writer->slots[i].fd);
	buf_finish(&writer->batch);
	pthread_mutex_destroy(&writer->mutex);
	free(writer);
}

/* With the mutex held; NULL when there is none. */
static struct slot *
find_slot(struct segment_writer *writer, enum slot_state state)
{
	for (size_t i = 0; i < COUNT_OF(writer->slots); i++)
		if (writer->slots[i].state == state)
			return &writer->slots[i];
	return NULL;
}

/* ---- making ---- */

bool
segment_writer_wants_segment(struct segment_writer *writer)
{
	bool wants;

	pthread_mutex_lock(&writer->mutex);
	wants = find_slot(writer, SLOT_READY) == NULL &&
	    find_slot(writer, SLOT_MAKING) == NULL &&
	    find_slot(writer, SLOT_NONE) != NULL;
	pthread_mutex_unlock(&writer->mutex);
	return wants;
}

/* A scan may lock or remove what is still empty: then it is not ours. */
static bool
lock_new(int fd)
{
	struct stat status;

	return flock(fd, LOCK_EX | LOCK_NB) == 0 && fstat(fd, &status) == 0 &&
	    status.st_nlink == 1;
}

static int
incoming(const struct segment_writer *writer)
{
	return writer->store->spool.directory[PLACE_INCOMING];
}

/* Under a name that is not taken, maybe by the segment of a process that had
 * our number before. */
static bool
create_file(
    struct segment_writer *writer, struct slot *slot, struct error *error)
{
	char name[SEGMENT_NAME_SIZE];

	for (int try = 0; try < CREATE_TRIES; try++) {
		uint32_t n = writer->next_n++ % UINT16_MAX + 1;

		slot->segment = segment_make(writer->number, n);
		segment_name(slot->segment, name);
		slot->fd = openat(incoming(writer), name,
		    O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
		    writer->store->spool.file_mode);
		if (slot->fd >= 0 && lock_new(slot->fd))
			return true;
		if (slot->fd < 0 && errno != EEXIST)
			break;
		io_close(&slot->fd);
	}
	return error_system(error, "create incoming/%s", name);
}

static bool
fill(const struct segment_writer *writer, int fd, struct error *error)
{
	char *zeros = memory_zero(ZEROS);
	bool filled = true;

	for (uint32_t at = 0; filled && at < writer->size; at += ZEROS) {
		uint32_t left = writer->size - at;

		filled =
		    io_pwrite(fd, span_of(zeros, left < ZEROS ? left : ZEROS),
			(off_t)at, error);
	}
	free(zeros);
	return filled &&
	    spool_sync_file(
		&writer->store->spool, fd, false, "a segment", error);
}

static void
remove_file(struct segment_writer *writer, struct slot *slot)
{
	char name[SEGMENT_NAME_SIZE];

	segment_name(slot->segment, name);
	/* What stays behind is a matter for the next scan. */
	(void)unlinkat(incoming(writer), name, 0);
	io_close(&slot->fd);
}

/* Ready for its next use. */
static void
renew(struct slot *slot)
{
	slot->generation = random_u64() | 1; /* never 0 */
	slot->end = 0;
	slot->numbers = 0;
	slot->was_told = false;
	slot->state = SLOT_READY;
}

bool
segment_writer_make(struct segment_writer *writer, struct error *error)
{
	struct slot *slot;
	bool made = false;

	pthread_mutex_lock(&writer->mutex);
	slot = find_slot(writer, SLOT_NONE);
	must(slot != NULL && find_slot(writer, SLOT_MAKING) == NULL);
	slot->state = SLOT_MAKING;
	pthread_mutex_unlock(&writer->mutex);
	if (create_file(writer, slot, error)) {
		made = fill(writer, slot->fd, error) &&
		    spool_sync(&writer->store->spool, PLACE_INCOMING, error);
		if (!made)
			remove_file(writer, slot);
	}
	pthread_mutex_lock(&writer->mutex);
	if (made)
		renew(slot);
	else
		slot->state = SLOT_NONE;
	pthread_mutex_unlock(&writer->mutex);
	return made;
}

/* ---- writing ---- */

static uint32_t
record_size(const struct put *put)
{
	return SEGMENT_RECORD_HEAD + (uint32_t)put_image_size(put) +
	    SEGMENT_ALIGNMENT;
}

static bool
fits(const struct segment_writer *writer, const struct slot *slot,
    const struct put *put)
{
	uint32_t end = slot->end == 0 ? SEGMENT_PAGE : slot->end;

	return end + record_size(put) <= writer->size;
}

bool
segment_writer_has_room(struct segment_writer *writer, const struct put *put)
{
	struct slot *active;
	bool has_room;

	pthread_mutex_lock(&writer->mutex);
	active = find_slot(writer, SLOT_ACTIVE);
	has_room = find_slot(writer, SLOT_READY) != NULL ||
	    (active != NULL && fits(writer, active, put));
	pthread_mutex_unlock(&writer->mutex);
	return has_room;
}

/* The segment for a batch that begins with `put`; NULL when none is free. */
static struct slot *
choose(struct segment_writer *writer, const struct put *put)
{
	struct slot *slot;

	pthread_mutex_lock(&writer->mutex);
	slot = find_slot(writer, SLOT_ACTIVE);
	if (slot != NULL && !fits(writer, slot, put)) {
		slot->state = SLOT_FULL;
		slot = NULL;
	}
	if (slot == NULL) {
		slot = find_slot(writer, SLOT_READY);
		if (slot != NULL)
			slot->state = SLOT_ACTIVE;
	}
	if (slot != NULL)
		slot->is_written = true;
	pthread_mutex_unlock(&writer->mutex);
	return slot;
}

/* `count` zeros. */
static char *
extend(struct buf *batch, size_t count)
{
	char *at = buf_reserve(batch, count);

	must(at != NULL);
	memset(at, 0, count);
	buf_grew(batch, count);
	return at;
}

/* Appends the put's record; the batch starts at `start` in the segment. */
static void
append(struct buf *batch, const struct slot *slot, uint32_t start,
    uint32_t number, struct put *put)
{
	struct segment_record record = {
	    .generation = slot->generation,
	    .number = number,
	    .first = slot->numbers,
	    .id = put->locator.id,
	};
	uint32_t offset;
	char *at;

	(void)extend(batch, segment_round((uint32_t)batch->len) - batch->len);
	offset = (uint32_t)batch->len;
	put_end_body(put);
	must(put_image_finish(put, NULL, NULL));
	record.length =
	    SEGMENT_RECORD_HEAD + FORMAT_HEAD_SIZE + (uint32_t)put->pending.len;
	(void)extend(batch, SEGMENT_RECORD_HEAD + FORMAT_HEAD_SIZE);
	must(buf_append_span(batch, buf_span(&put->pending)));
	at = batch->at + offset;
	format_head_encode(&put->head, at + SEGMENT_RECORD_HEAD);
	segment_record_encode(&record, at);
	put->locator.in = (struct locator_segment){
	    .segment = slot->segment,
	    .number = number,
	    .offset = start + offset,
	    .length = record.length,
	    .generation = slot->generation,
	};
}

/* As many of the puts as fit; the first one does. */
static size_t
build(struct segment_writer *writer, const struct slot *slot, struct put **puts,
    size_t count)
{
	struct buf *batch = &writer->batch;
	size_t taken = 0;

	buf_clear(batch);
	if (slot->end == 0)
		segment_head_encode(
		    &(struct segment_head){slot->generation, writer->size},
		    extend(batch, SEGMENT_PAGE));
	for (; taken < count; taken++) {
		size_t size = record_size(puts[taken]);

		if (slot->end + batch->len + size > writer->size ||
		    batch->len + size > BATCH_MAXIMUM)
			break;
		append(batch, slot, slot->end, slot->numbers + (uint32_t)taken,
		    puts[taken]);
	}
	return taken;
}

/* A short write is a failure: nothing is tried twice. */
static bool
write_batch(const struct segment_writer *writer, const struct slot *slot,
    struct error *error)
{
	const struct buf *batch = &writer->batch;
	ssize_t put = pwrite(slot->fd, batch->at, batch->len, slot->end);

	if (put < 0)
		return error_system(error, "write of a segment");
	if ((size_t)put < batch->len)
		return error_set(
		    error, ERROR_TEMPORARY, "short write of a segment");
	return spool_sync_file(
	    &writer->store->spool, slot->fd, true, "a segment", error);
}

bool
segment_writer_commit(struct segment_writer *writer, struct put **puts,
    size_t count, size_t *taken, struct error *error)
{
	struct slot *slot = choose(writer, puts[0]);
	bool written;

	*taken = 0;
	if (slot == NULL)
		return true;
	*taken = build(writer, slot, puts, count);
	written = write_batch(writer, slot, error);
	for (size_t i = 0; i < *taken; i++)
		puts[i]->state = written ? PUT_COMMITTED : PUT_FAILED;
	pthread_mutex_lock(&writer->mutex);
	slot->is_written = false;
	if (written) {
		slot->numbers += (uint32_t)*taken;
		slot->end =
		    segment_round_page(slot->end + (uint32_t)writer->batch.len);
	} else if (slot->state == SLOT_ACTIVE) {
		slot->state = SLOT_CLOSED;
	}
	pthread_mutex_unlock(&writer->mutex);
	return written;
}

/* ---- the way back ---- */

static bool
is_left(const struct slot *slot)
{
	return slot->state == SLOT_FULL || slot->state == SLOT_CLOSED;
}

bool
segment_writer_next_full(
    struct segment_writer *writer, struct locator_segment *full)
{
	bool found = false;

	pthread_mutex_lock(&writer->mutex);
	for (size_t i = 0; i < COUNT_OF(writer->slots) && !found; i++) {
		struct slot *slot = &writer->slots[i];

		if (!is_left(slot) || slot->was_told)
			continue;
		slot->was_told = true;
		found = true;
		*full = (struct locator_segment){
		    .segment = slot->segment,
		    .number = slot->numbers,
		    .generation = slot->generation,
		};
	}
	pthread_mutex_unlock(&writer->mutex);
	return found;
}

void
segment_writer_again(struct segment_writer *writer)
{
	pthread_mutex_lock(&writer->mutex);
	for (size_t i = 0; i < COUNT_OF(writer->slots); i++)
		writer->slots[i].was_told = false;
	pthread_mutex_unlock(&writer->mutex);
}

/* The file of one that has failed goes: it may hold messages that were
 * refused. */
static void
give_back(struct segment_writer *writer, struct slot *slot)
{
	if (slot->state == SLOT_FULL) {
		renew(slot);
		return;
	}
	remove_file(writer, slot);
	slot->state = SLOT_NONE;
}

bool
segment_writer_free(
    struct segment_writer *writer, const struct locator_segment *freed)
{
	bool found = false;

	pthread_mutex_lock(&writer->mutex);
	for (size_t i = 0; i < COUNT_OF(writer->slots) && !found; i++) {
		struct slot *slot = &writer->slots[i];

		if (!is_left(slot) || slot->segment != freed->segment ||
		    slot->generation != freed->generation ||
		    slot->numbers != freed->number)
			continue;
		give_back(writer, slot);
		found = true;
	}
	pthread_mutex_unlock(&writer->mutex);
	return found;
}

/* ---- giving up ---- */

void
segment_writer_abandon(struct segment_writer *writer, uint32_t segment)
{
	pthread_mutex_lock(&writer->mutex);
	for (size_t i = 0; i < COUNT_OF(writer->slots); i++) {
		struct slot *slot = &writer->slots[i];

		if (slot->segment == segment && slot->state != SLOT_NONE &&
		    slot->state != SLOT_MAKING)
			slot->state = SLOT_ABANDONED;
	}
	pthread_mutex_unlock(&writer->mutex);
}

void
segment_writer_let_go(struct segment_writer *writer)
{
	pthread_mutex_lock(&writer->mutex);
	for (size_t i = 0; i < COUNT_OF(writer->slots); i++) {
		struct slot *slot = &writer->slots[i];

		if (slot->state != SLOT_ABANDONED || slot->is_written)
			continue;
		io_close(&slot->fd);
		slot->state = SLOT_NONE;
	}
	pthread_mutex_unlock(&writer->mutex);
}
