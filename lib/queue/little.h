/* SPDX-License-Identifier: MIT */
/* Little-endian unsigned numbers in bytes, at any alignment. */
#ifndef QUEUE_LITTLE_H
#define QUEUE_LITTLE_H

#include "lib/base/base.h"

static inline void
little_put(char *at, size_t width, uint64_t value)
{
	for (size_t i = 0; i < width; i++)
		at[i] = (char)(value >> (8 * i) & 255);
}

static inline uint64_t
little_get(const char *at, size_t width)
{
	uint64_t value = 0;

	for (size_t i = 0; i < width; i++)
		value |= (uint64_t)(unsigned char)at[i] << (8 * i);
	return value;
}

static inline uint16_t
little_get16(const char *at)
{
	return (uint16_t)little_get(at, 2);
}

static inline uint32_t
little_get32(const char *at)
{
	return (uint32_t)little_get(at, 4);
}

/* The next multiple of 8. */
static inline uint64_t
little_round(uint64_t length)
{
	return (length + 7) & ~UINT64_C(7);
}

#endif
