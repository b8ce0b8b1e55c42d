/* SPDX-License-Identifier: MIT */
/* Random numbers from the kernel; none of these can fail. */
#ifndef BASE_RANDOM_H
#define BASE_RANDOM_H

#include "lib/base/base.h"

void random_bytes(void *bytes, size_t count);
uint64_t random_u64(void);
/* Evenly from 0 to bound - 1; bound > 0. */
uint64_t random_below(uint64_t bound);

#endif
