/* SPDX-License-Identifier: MIT */
/* The format of constant databases (D. J. Bernstein's cdb), as far as reader
 * and writer share it: 256 pairs {position, slots}, records {key length, value
 * length, key, value}, and 256 hash tables of slots {hash, position}. All
 * numbers are of 32 bits, the least byte first. */
#ifndef TABLE_CDB_H
#define TABLE_CDB_H

#include "lib/base/span.h"

enum {
	CDB_TABLES = 256,
	CDB_PAIR = 8, /* bytes of two numbers */
	CDB_HEADER = CDB_TABLES * CDB_PAIR
};

struct cdb_pair {
	uint32_t first;
	uint32_t second;
};

uint32_t cdb_hash(struct span key);
struct cdb_pair cdb_unpack(const uint8_t *bytes);
void cdb_pack(struct cdb_pair pair, uint8_t *bytes);

#endif
