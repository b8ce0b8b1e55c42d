/* SPDX-License-Identifier: MIT */
#include "lib/base/crc32c.h"

#define POLYNOMIAL 0x82f63b78u

static uint32_t
by_table(uint32_t crc, struct span bytes)
{
	static uint32_t table[256];

	if (table[1] == 0)
		for (uint32_t i = 0; i < 256; i++) {
			uint32_t word = i;

			for (int bit = 0; bit < 8; bit++)
				word = word >> 1 ^ (word & 1 ? POLYNOMIAL : 0);
			table[i] = word;
		}
	for (size_t i = 0; i < bytes.len; i++)
		crc = crc >> 8 ^ table[(crc ^ (unsigned char)bytes.at[i]) & 255];
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
