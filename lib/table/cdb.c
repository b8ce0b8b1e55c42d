/* SPDX-License-Identifier: MIT */
#include "lib/table/cdb.h"

uint32_t
cdb_hash(struct span key)
{
	uint32_t hash = 5381;

	for (size_t i = 0; i < key.len; i++)
		hash = ((hash << 5) + hash) ^ (uint8_t)key.at[i];
	return hash;
}

static uint32_t
unpack(const uint8_t *bytes)
{
	return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 |
	    (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

static void
pack(uint32_t number, uint8_t *bytes)
{
	for (size_t i = 0; i < 4; i++)
		bytes[i] = (uint8_t)(number >> (8 * i));
}

struct cdb_pair
cdb_unpack(const uint8_t *bytes)
{
	return (struct cdb_pair){unpack(bytes), unpack(bytes + 4)};
}

void
cdb_pack(struct cdb_pair pair, uint8_t *bytes)
{
	pack(pair.first, bytes);
	pack(pair.second, bytes + 4);
}
