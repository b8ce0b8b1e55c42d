/* SPDX-License-Identifier: MIT */
#include "lib/base/crc32c.h"

/* What four bits shifted out do to the rest (polynomial 0x82f63b78). A constant
 * small enough to check by eye: committer threads share it without a lock. */
static const uint32_t nibble_table[16] = {
    0x00000000,
    0x105ec76f,
    0x20bd8ede,
    0x30e349b1,
    0x417b1dbc,
    0x5125dad3,
    0x61c69362,
    0x7198540d,
    0x82f63b78,
    0x92a8fc17,
    0xa24bb5a6,
    0xb21572c9,
    0xc38d26c4,
    0xd3d3e1ab,
    0xe330a81a,
    0xf36e6f75,
};

static uint32_t
by_table(uint32_t crc, struct span bytes)
{
	for (size_t i = 0; i < bytes.len; i++) {
		crc ^= (unsigned char)bytes.at[i];
		crc = crc >> 4 ^ nibble_table[crc & 15];
		crc = crc >> 4 ^ nibble_table[crc & 15];
	}
	return crc;
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) static uint32_t
by_instruction(uint32_t crc, struct span bytes)
{
	uint64_t wide = crc;

	for (; bytes.len >= 8; bytes = span_skip(bytes, 8)) {
		uint64_t word;

		memcpy(&word, bytes.at, sizeof word);
		wide = __builtin_ia32_crc32di(wide, word);
	}
	crc = (uint32_t)wide;
	for (size_t i = 0; i < bytes.len; i++)
		crc = __builtin_ia32_crc32qi(crc, (unsigned char)bytes.at[i]);
	return crc;
}

uint32_t
crc32c(uint32_t before, struct span bytes)
{
	if (__builtin_cpu_supports("sse4.2"))
		return ~by_instruction(~before, bytes);
	return ~by_table(~before, bytes);
}
#else
uint32_t
crc32c(uint32_t before, struct span bytes)
{
	return ~by_table(~before, bytes);
}
#endif
