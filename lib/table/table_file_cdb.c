/* SPDX-License-Identifier: MIT */
/* Writing the files of cdb: tables: records as they come, then their hash
 * tables, then the header. */
#include <errno.h>
#include <fcntl.h>

#include "lib/base/buf.h"
#include "lib/base/hash.h"
#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/table/cdb.h"
#include "lib/table/table_file.h"

enum {
	OUTPUT_SIZE = 256 * 1024 /* bytes that are written at once */
};

struct entry {
	uint32_t hash;
	uint32_t position; /* 0: another record has taken its place */
};

struct cdb_output {
	int fd;
	uint64_t position; /* of what comes next */
	struct buf output; /* not written yet */
	struct entry *entries;
	size_t count;
	size_t size;
	struct hash *keys; /* to the number of the entry, from 1 */
	/* Of the hash tables, when the file is closed: */
	uint32_t counts[CDB_TABLES]; /* entries */
	size_t starts[CDB_TABLES];   /* among all entries, sorted by table */
	uint8_t header[CDB_HEADER];
};

static bool
flush(struct cdb_output *cdb, struct error *error)
{
	bool written = io_write(cdb->fd, buf_span(&cdb->output), error);

	buf_clear(&cdb->output);
	return written;
}

static bool
put(struct cdb_output *cdb, struct span bytes, struct error *error)
{
	cdb->position += bytes.len;
	if (cdb->position > UINT32_MAX)
		return error_set(
		    error, ERROR_LIMIT, "a cdb file has at most 4 gigabytes");
	must(buf_append_span(&cdb->output, bytes));
	return cdb->output.len < OUTPUT_SIZE || flush(cdb, error);
}

static bool
put_pair(struct cdb_output *cdb, uint64_t first, uint64_t second,
    struct error *error)
{
	struct cdb_pair pair = {(uint32_t)first, (uint32_t)second};
	uint8_t bytes[CDB_PAIR];

	cdb_pack(pair, bytes);
	return put(cdb, span_of(bytes, sizeof bytes), error);
}

static void *
create_cdb(const char *path, struct error *error)
{
	static const char zeros[CDB_HEADER];
	struct cdb_output *cdb;
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0) {
		error_system(error, "create %s", path);
		return NULL;
	}
	cdb = memory_zero(sizeof *cdb);
	cdb->fd = fd;
	cdb->keys = hash_create();
	buf_init(&cdb->output, SIZE_MAX);
	must(put(cdb, span_of(zeros, sizeof zeros), error));
	return cdb;
}

static void
add_entry(struct cdb_output *cdb, struct span key)
{
	if (cdb->count == cdb->size) {
		cdb->size = cdb->size == 0 ? 1024 : cdb->size * 2;
		cdb->entries = memory_resize(
		    cdb->entries, cdb->size * sizeof *cdb->entries);
	}
	cdb->entries[cdb->count++] =
	    (struct entry){cdb_hash(key), (uint32_t)cdb->position};
	hash_put(cdb->keys, key, (void *)(uintptr_t)cdb->count);
}

static bool
add_cdb(void *state, struct span key, struct span value, bool replace,
    bool *duplicate, struct error *error)
{
	struct cdb_output *cdb = state;
	uintptr_t before = (uintptr_t)hash_get(cdb->keys, key);

	*duplicate = before != 0;
	if (before != 0 && !replace)
		return true;
	if (before != 0)
		cdb->entries[before - 1].position = 0;
	add_entry(cdb, key);
	return put_pair(cdb, key.len, value.len, error) &&
	    put(cdb, key, error) && put(cdb, value, error);
}

static void
count_entries(struct cdb_output *cdb)
{
	size_t start = 0;

	for (size_t i = 0; i < cdb->count; i++)
		if (cdb->entries[i].position != 0)
			cdb->counts[cdb->entries[i].hash % CDB_TABLES]++;
	for (size_t i = 0; i < CDB_TABLES; i++) {
		cdb->starts[i] = start;
		start += cdb->counts[i];
	}
}

static struct entry *
sort_entries(const struct cdb_output *cdb)
{
	struct entry *sorted = memory_alloc((cdb->count + 1) * sizeof *sorted);
	size_t next[CDB_TABLES];

	memcpy(next, cdb->starts, sizeof next);
	for (size_t i = 0; i < cdb->count; i++) {
		const struct entry *entry = &cdb->entries[i];

		if (entry->position != 0)
			sorted[next[entry->hash % CDB_TABLES]++] = *entry;
	}
	return sorted;
}

static bool
put_table(struct cdb_output *cdb, const struct entry *entries, uint32_t count,
    struct error *error)
{
	uint32_t slots = 2 * count;
	struct entry *table = memory_zero((slots + 1) * sizeof *table);
	bool put_all = true;

	for (uint32_t i = 0; i < count; i++) {
		uint32_t slot = entries[i].hash / CDB_TABLES % slots;

		while (table[slot].position != 0)
			slot = (slot + 1) % slots;
		table[slot] = entries[i];
	}
	for (uint32_t i = 0; i < slots && put_all; i++)
		put_all =
		    put_pair(cdb, table[i].hash, table[i].position, error);
	free(table);
	return put_all;
}

static bool
put_tables(struct cdb_output *cdb, struct error *error)
{
	struct entry *sorted;
	bool put_all = true;

	count_entries(cdb);
	sorted = sort_entries(cdb);
	for (size_t i = 0; i < CDB_TABLES && put_all; i++) {
		struct cdb_pair pair = {
		    (uint32_t)cdb->position, 2 * cdb->counts[i]};

		cdb_pack(pair, cdb->header + i * CDB_PAIR);
		put_all = put_table(
		    cdb, sorted + cdb->starts[i], cdb->counts[i], error);
	}
	free(sorted);
	return put_all && flush(cdb, error) &&
	    io_pwrite(cdb->fd, span_of(cdb->header, CDB_HEADER), 0, error);
}

static bool
close_cdb(void *state, struct error *error)
{
	struct cdb_output *cdb = state;
	bool complete = put_tables(cdb, error);

	io_close(&cdb->fd);
	hash_destroy(cdb->keys);
	buf_finish(&cdb->output);
	free(cdb->entries);
	free(cdb);
	return complete;
}

const struct table_file table_file_cdb = {
    .type = "cdb",
    .suffix = ".cdb",
    .create = create_cdb,
    .add = add_cdb,
    .close = close_cdb,
};
