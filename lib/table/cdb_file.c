/* SPDX-License-Identifier: MIT */
#include "lib/table/cdb_file.h"

#include "lib/base/io.h"
#include "lib/table/cdb.h"

enum {
	SLOTS_MAXIMUM = 1 << 29,         /* more do not fit into 32 bits */
	VALUE_MAXIMUM = 16 * 1024 * 1024 /* bytes, of a walk */
};

static bool
read_pair(int fd, uint64_t at, struct cdb_pair *pair, struct error *error)
{
	uint8_t bytes[CDB_PAIR];

	if (!io_pread(fd, bytes, sizeof bytes, (off_t)at, error))
		return false;
	*pair = cdb_unpack(bytes);
	return true;
}

static bool
append(int fd, uint64_t at, uint32_t len, struct buf *into, struct error *error)
{
	char *to = len == 0 ? NULL : buf_reserve(into, len);

	if (len == 0)
		return true;
	if (to == NULL)
		return error_set(error, ERROR_LIMIT,
		    "a record is longer than %zu bytes", into->maximum);
	if (!io_pread(fd, to, len, (off_t)at, error))
		return false;
	buf_grew(into, len);
	return true;
}

/* Whether the record at `at` is that of `key`; then its value is read. */
static enum table_result
try_record(int fd, uint64_t at, struct span key, struct buf *value,
    struct error *error)
{
	struct cdb_pair lengths;
	enum table_result result = TABLE_TRY_AGAIN;
	struct buf found;

	if (!read_pair(fd, at, &lengths, error))
		return TABLE_TRY_AGAIN;
	if (lengths.first != key.len)
		return TABLE_NOT_FOUND;
	buf_init(&found, key.len);
	at += CDB_PAIR;
	if (append(fd, at, lengths.first, &found, error)) {
		result = span_equal(buf_span(&found), key) ? TABLE_FOUND
							   : TABLE_NOT_FOUND;
		if (result == TABLE_FOUND &&
		    !append(fd, at + key.len, lengths.second, value, error))
			result = TABLE_TRY_AGAIN;
	}
	buf_finish(&found);
	return result;
}

static bool
read_table(int fd, size_t i, struct cdb_pair *table, struct error *error)
{
	if (!read_pair(fd, i * CDB_PAIR, table, error))
		return false;
	return table->second <= SLOTS_MAXIMUM ||
	    error_set(error, ERROR_TEMPORARY, "the file is damaged");
}

enum table_result
cdb_file_get(int fd, struct span key, struct buf *value, struct error *error)
{
	uint32_t hash = cdb_hash(key);
	struct cdb_pair table;

	if (!read_table(fd, hash % CDB_TABLES, &table, error))
		return TABLE_TRY_AGAIN;
	for (uint32_t i = 0; i < table.second; i++) {
		uint32_t slot = (hash / CDB_TABLES + i) % table.second;
		struct cdb_pair entry;
		enum table_result result;

		if (!read_pair(fd, table.first + (uint64_t)slot * CDB_PAIR,
			&entry, error))
			return TABLE_TRY_AGAIN;
		if (entry.second == 0)
			return TABLE_NOT_FOUND;
		if (entry.first != hash)
			continue;
		result = try_record(fd, entry.second, key, value, error);
		if (result != TABLE_NOT_FOUND)
			return result;
	}
	return TABLE_NOT_FOUND;
}

static bool
walk_record(int fd, uint64_t at, struct buf *record,
    bool (*visit)(void *owner, struct span key, struct span value), void *owner,
    struct error *error)
{
	struct cdb_pair lengths;

	buf_clear(record);
	if (!read_pair(fd, at, &lengths, error) ||
	    !append(fd, at + CDB_PAIR, lengths.first, record, error) ||
	    !append(fd, at + CDB_PAIR + lengths.first, lengths.second, record,
		error))
		return false;
	return visit(owner, span_head(buf_span(record), lengths.first),
	    span_skip(buf_span(record), lengths.first));
}

bool
cdb_file_walk(int fd,
    bool (*visit)(void *owner, struct span key, struct span value), void *owner,
    struct error *error)
{
	struct buf record;
	bool going = true;

	buf_init(&record, VALUE_MAXIMUM);
	for (size_t i = 0; i < CDB_TABLES && going; i++) {
		struct cdb_pair table;

		going = read_table(fd, i, &table, error);
		for (uint32_t n = 0; going && n < table.second; n++) {
			struct cdb_pair entry;

			going =
			    read_pair(fd, table.first + (uint64_t)n * CDB_PAIR,
				&entry, error);
			if (going && entry.second != 0)
				going = walk_record(fd, entry.second, &record,
				    visit, owner, error);
		}
	}
	buf_finish(&record);
	return going;
}
