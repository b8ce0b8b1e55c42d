/* SPDX-License-Identifier: MIT */
/* CRC-32C (Castagnoli, RFC 3720 appendix B.4). Start with 0; feed the result
 * back in to continue. */
#ifndef BASE_CRC32C_H
#define BASE_CRC32C_H

#include "lib/base/span.h"

uint32_t crc32c(uint32_t before, struct span bytes);

#endif
